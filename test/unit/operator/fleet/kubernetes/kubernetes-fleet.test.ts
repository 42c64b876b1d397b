import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Action } from '../../../../../operator/fleet/fleet.ts';
import { draining, type PodChanges, pod } from './build.ts';
import { openWorld } from './world.ts';

type World = Awaited<ReturnType<typeof openWorld>>;

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.stop();
});

async function open(...args: Parameters<typeof openWorld>): Promise<World> {
  const world = await openWorld(...args);
  worlds.push(world);
  return world;
}

/** A fleet of one gateway, chat-3, that answers. */
async function openOne(changes: PodChanges = {}) {
  const world = await open([pod(changes)]);
  const gateway = await world.gateway('10.0.0.3');
  world.run();
  await world.fleet.list();
  return { ...world, gateway, view: async () => (await world.fleet.list())[0] };
}

const action = (kind: 'create' | 'cordon' | 'uncordon' | 'delete'): Action => ({ kind, gateway: 'chat-3', reason: 'test' });
const drain = (ratePerSecond: number): Action => ({
  kind: 'drain',
  gateway: 'chat-3',
  ratePerSecond,
  timeoutMs: 60_000,
  reason: 'too many',
});
const listing = (ready: boolean) => ({
  metadata: { name: 'chat-x', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'chat' } },
  endpoints: [{ addresses: ['10.0.0.3'], targetRef: { kind: 'Pod', name: 'chat-3', uid: 'uid-of-chat-3' }, conditions: { ready } }],
});

describe('what a gateway is told', () => {
  it('stands on its Pod first, once; a new rate only the gateway hears', async () => {
    const { fleet, writes, gateway } = await openOne();
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    await fleet.apply(drain(5));
    await fleet.apply(drain(8));
    expect(writes).toEqual([
      expect.stringMatching(/^patch chat-3 {"chatcluster.io\/accepting":"false"} .*\\"initial\\":90,\\"reason\\":\\"too many\\"/),
    ]);
    expect(gateway.told.map((text) => text.replace(/:\d{5}}/, ':…}'))).toEqual([
      '/drain {"ratePerSecond":5,"timeoutMs":…}',
      '/drain {"ratePerSecond":8,"timeoutMs":…}',
    ]);
  });

  it('it is told too while the API server is away, when the Pod says it already', async () => {
    const { fleet, gateway, setAway } = await openOne({
      accepting: false,
      ready: false,
      annotations: draining({ startedAt: 1, deadlineAt: 1_060_000, initial: 90, reason: '' }),
    });
    setAway(true);
    await fleet.apply(drain(0));
    expect(gateway.told.at(-1)).toMatch(/^\/drain {"ratePerSecond":0/);
    await expect(fleet.apply(action('uncordon'))).rejects.toThrow('no answer');
  });

  it('moves nobody while the Service leads clients to it', async () => {
    const { fleet, known, gateway } = await openOne();
    const rates = () => gateway.told.filter((text) => text.startsWith('/drain')).map((text) => Number(/:(\d+)/.exec(text)?.[1]));
    known.slices.observe(listing(true));
    await fleet.apply(drain(5));
    known.slices.observe(listing(false));
    await fleet.apply(drain(5));
    await vi.waitFor(async () => {
      await fleet.apply(drain(5));
      expect(rates().at(-1)).toBe(5);
    }, 3_000);
    expect(rates().slice(0, 2)).toEqual([0, 0]);
    known.slices.observe(listing(true));
    await fleet.apply(drain(5));
    expect(rates().at(-1)).toBe(0);
  });

  it('changes at once in a drain that goes on, also for an operator that has just come', async () => {
    const world = await open([pod({ accepting: false, ready: false, annotations: draining() })]);
    const progress = { ratePerSecond: 5, initial: 90, elapsedMs: 1_000, remainingMs: 50_000 };
    const gateway = await world.gateway('10.0.0.3', { state: 'draining', drain: progress });
    world.run();
    expect(await world.fleet.list()).toMatchObject([{ drain: { ratePerSecond: 5 } }]);
    await world.fleet.apply(drain(7));
    expect(gateway.told).toEqual([expect.stringContaining('"ratePerSecond":7')]);
  });

  it('is repeated to a process that knows nothing of it', async () => {
    const { gateway, view } = await openOne({
      accepting: false,
      annotations: draining({ startedAt: 1, deadlineAt: 1_060_000, initial: 90, reason: '' }),
    });
    await vi.waitFor(() => expect(gateway.told[0]).toMatch(/^\/drain {"ratePerSecond":0,"timeoutMs":59\d{3}}/));
    await vi.waitFor(async () => expect(await view()).toMatchObject({ cordoned: true, drain: { ratePerSecond: 0, startedAt: 1 } }));
    gateway.told.length = 0;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(gateway.told).toEqual([]);
  });

  it('is not done when it does not answer; but a cordon stands on its Pod, and is told when it answers', async () => {
    const { fleet, gateway, view, writes } = await openOne();
    gateway.silent = true;
    await vi.waitFor(async () =>
      expect(await view()).toMatchObject({ phase: 'unreachable', connections: 90, problem: expect.stringContaining('does not answer') }),
    );
    await expect(fleet.apply(drain(5))).rejects.toThrow(/POST \/drain/);
    await expect(fleet.apply(action('uncordon'))).rejects.toThrow(/POST \/uncordon/);
    writes.length = 0;
    await fleet.apply(action('cordon'));
    expect(await view()).toMatchObject({ phase: 'unreachable', cordoned: true });
    gateway.told.length = 0;
    gateway.silent = false;
    await vi.waitFor(() => expect(gateway.told[0]).toMatch(/^\/(cordon|drain)/));
  });

  it('waits for its start: a Pod without a process only says it', async () => {
    const { fleet, writes } = await openOne({ ready: false, state: { waiting: { reason: 'ContainerCreating' } } });
    for (const command of [action('cordon'), drain(5), action('uncordon')]) await fleet.apply(command);
    expect(writes).toHaveLength(3);
  });

  it.each([
    { name: 'goes', changes: { deletedAt: '2026-03-01T12:00:00Z' } },
    { name: 'is dead', changes: { status: { phase: 'Failed' } } as const },
  ])('is nothing to one that $name', async ({ changes }) => {
    const { fleet, writes, gateway } = await openOne(changes);
    for (const command of [action('cordon'), action('uncordon'), drain(5), action('create')]) await fleet.apply(command);
    expect([writes, gateway.told]).toEqual([[], []]);
  });

  it('to go: it is told by Kubernetes and by us, once, and nothing after that', async () => {
    const { fleet, writes, gateway, view } = await openOne();
    await Promise.all([fleet.apply(action('delete')), fleet.apply(action('cordon')), fleet.apply(action('delete'))]);
    expect(writes).toEqual(['delete chat-3 within 30 s']);
    await vi.waitFor(() => expect(gateway.told).toEqual(['/stop']));
    expect(await view()).toMatchObject({ phase: 'terminating', cordoned: true });
  });

  it('leaves a record of a dead one behind for no time', async () => {
    const { fleet, writes } = await openOne({ status: { phase: 'Failed' } });
    await fleet.apply(action('delete'));
    expect(writes).toEqual(['delete chat-3 within 0 s']);
  });
});

describe('the fleet', () => {
  it('is made of Pods that the ChatCluster owns, and of no other', async () => {
    const others = [
      pod({ name: 'chat-4', labels: { 'chatcluster.io/cluster': 'another' } }),
      { ...pod({ name: 'chat-5' }), metadata: { ...pod({ name: 'chat-5' }).metadata, ownerReferences: [] } },
      { ...pod({ name: 'chat-6' }), metadata: { ...pod({ name: 'chat-6' }).metadata, namespace: 'elsewhere' } },
    ];
    const world = await open([...others, pod({ ready: false, state: {} })]);
    world.run();
    expect((await world.fleet.list()).map(({ name }) => name)).toEqual(['chat-3']);
  });

  it('follows what comes, changes its name’s owner, and goes', async () => {
    const world = await open([]);
    world.run();
    await world.fleet.list();
    const changed = vi.fn();
    world.fleet.watch(changed, new AbortController().signal);
    const starting = { ready: false, state: { waiting: { reason: 'ContainerCreating' } } };
    world.known.pods.observe(pod(starting));
    expect([await world.fleet.list(), changed.mock.calls.length]).toMatchObject([[{ name: 'chat-3', phase: 'starting' }], 1]);
    world.known.pods.observe(pod({ ...starting, version: '8' }));
    expect(changed.mock.calls.length, 'nothing to see').toBe(1);
    world.known.pods.forget(pod(starting));
    expect([await world.fleet.list(), changed.mock.calls.length]).toEqual([[], 2]);
  });

  it.each([
    { name: 'its Pod', labels: { 'topology.kubernetes.io/zone': 'zone-p' }, want: 'zone-p' },
    { name: 'its node', labels: {}, want: 'zone-n' },
  ])('knows a gateway’s zone by $name', async ({ labels, want }) => {
    const world = await open([pod({ labels, ready: false, state: {} })]);
    world.known.nodes.observe({ metadata: { name: 'node-a', labels: { 'topology.kubernetes.io/zone': 'zone-n' } } });
    world.run();
    expect(await world.fleet.list()).toMatchObject([{ zone: want }]);
  });

  it('says that it can ask nobody without the token', async () => {
    const world = await open([pod()], { token: null });
    await world.gateway('10.0.0.3');
    world.run();
    expect(await world.fleet.list()).toMatchObject([{ phase: 'unreachable', connections: null }]);
    expect(world.fleet.problems()).toEqual(["Secret chat-admin-token is not known: gateways can't be asked"]);
  });

  it('sums what gateways move, and tells the worst latency', async () => {
    const world = await open([pod(), pod({ name: 'chat-4', status: { podIP: '10.0.0.4' } })]);
    await world.gateway('10.0.0.3', { deliveryLatencyMs: 3 });
    await world.gateway('10.0.0.4', { deliveryLatencyMs: 8 });
    world.run();
    await world.fleet.list();
    expect(world.fleet.figures()).toEqual({ movedPerSecond: 0, deliveryLatencyMs: 8 });
  });
});
