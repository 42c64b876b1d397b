import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ANNOTATIONS, LABELS } from '../../operator/api/names.ts';
import type { Fleet, GatewayView } from '../../operator/fleet/fleet.ts';
import { ownedObjects } from '../../operator/fleet/kubernetes/owned.ts';
import { cluster } from '../fakes/chat-cluster.ts';
import { FleetClients } from '../fakes/fleet-clients.ts';
import { action, drain } from './fleet/build.ts';
import { type Bed, openBed, openWorld, type World, type WorldOptions } from './fleet-kubernetes-world.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });
const PATIENCE = { timeout: 60_000, interval: 20 };

let bed: Bed;
beforeAll(async () => {
  bed = await openBed();
});
afterAll(() => bed?.stop());

const ending: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

async function open(options: WorldOptions = {}): Promise<World> {
  const world = await openWorld(bed, options);
  ending.push(() => world.stop());
  return world;
}

async function connect({ proxy, fleet, status }: World, count: number): Promise<FleetClients> {
  const countAsked = async () =>
    Promise.all((await fleet.list()).map(async ({ name }) => [name, (await status(name)).migratedTotal] as const));
  const clients = new FleetClients(countAsked, `http://127.0.0.1:${proxy.port}`);
  ending.push(() => clients.close());
  await vi.waitFor(() => expect(proxy.endpoints()).not.toEqual([]), PATIENCE);
  await clients.connect(count);
  return clients;
}

async function view(fleet: Fleet, gateway: string): Promise<GatewayView> {
  const found = (await fleet.list()).find(({ name }) => name === gateway);
  if (found === undefined) throw new Error(`the fleet shows no ${gateway}`);
  return found;
}

const shows = (fleet: Fleet, gateway: string, want: object) =>
  vi.waitFor(async () => expect(await view(fleet, gateway)).toMatchObject(want), PATIENCE);

async function ready(fleet: Fleet, ...gateways: readonly string[]): Promise<void> {
  for (const gateway of gateways) await fleet.apply(action('create', gateway));
  for (const gateway of gateways) await shows(fleet, gateway, { phase: 'ready' });
}

const podPath = ({ namespace }: World, name = '') => `/api/v1/namespaces/${namespace}/pods${name === '' ? '' : `/${name}`}`;

describe('a drain', () => {
  it('moves nobody while the endpoints still lead clients to the gateway; then it goes on at its rate', async () => {
    const world = await open();
    const { fleet, proxy } = world;
    await ready(fleet, 'chat-1');
    const clients = await connect(world, 5);
    await ready(fleet, 'chat-2');
    bed.plane.pause('controller-manager');
    try {
      await fleet.apply(drain('chat-1', 100));
      await sleep(2_500);
      await fleet.apply(drain('chat-1', 100));
      expect(await view(fleet, 'chat-1')).toMatchObject({ cordoned: true, drain: { ratePerSecond: 0, initial: 5 } });
      expect([proxy.endpoints().length > 0, await clients.asked(), clients.on('chat-1')]).toEqual([true, 0, 5]);
    } finally {
      bed.plane.resume('controller-manager');
    }
    await vi.waitFor(async () => {
      await fleet.apply(drain('chat-1', 100));
      expect(await view(fleet, 'chat-1')).toMatchObject({ drain: { ratePerSecond: 100 } });
    }, PATIENCE);
    await vi.waitFor(() => expect([clients.on('chat-1'), clients.on('chat-2')]).toEqual([0, 5]), PATIENCE);
    expect([clients.moved(), clients.cutOff()]).toEqual([5, 0]);
  });

  it('and a cordon outlive the process in the Pod, and the operator', async () => {
    const world = await open();
    const { fleet, namespace, proxy } = world;
    await ready(fleet, 'chat-1', 'chat-2');
    await fleet.apply(drain('chat-1', 0));
    await fleet.apply(action('cordon', 'chat-2'));
    const { drain: before } = await view(fleet, 'chat-1');
    for (const gateway of ['chat-1', 'chat-2']) bed.node.crash(namespace, gateway);
    await vi.waitFor(() => expect(world.pod('chat-1').status?.containerStatuses?.[0]?.restartCount).toBe(1), PATIENCE);
    await vi.waitFor(async () => expect((await world.status('chat-1')).state).toBe('draining'), PATIENCE);
    await vi.waitFor(async () => expect((await world.status('chat-2')).state).toBe('cordoned'), PATIENCE);
    const asBefore = async (each: Fleet) => {
      await shows(each, 'chat-1', { phase: 'ready', cordoned: true, drain: before });
      await shows(each, 'chat-2', { phase: 'ready', cordoned: true, drain: null });
    };
    await asBefore(fleet);
    const next = await world.nextFleet();
    await asBefore(next);
    expect((await world.status('chat-1')).drain?.remainingMs).toBeLessThan(600_000);
    expect(proxy.endpoints()).toEqual([]);
    await next.apply(action('uncordon', 'chat-1'));
    await vi.waitFor(() => expect(proxy.endpoints()).toHaveLength(1), PATIENCE);
    expect(world.pod('chat-1').metadata.annotations ?? {}).not.toHaveProperty(ANNOTATIONS.draining);
  });

  it('is asked for by people on the Pod, and watchers hear of it', async () => {
    const world = await open();
    const { fleet } = world;
    await ready(fleet, 'chat-1', 'chat-2');
    const changed = vi.fn();
    fleet.watch(changed, AbortSignal.timeout(60_000));
    await bed.plane.kubectl('annotate', '-n', world.namespace, 'pod', 'chat-2', `${ANNOTATIONS.drain}=requested`);
    await vi.waitFor(() => expect(fleet.drainRequests()).toEqual(['chat-2']), PATIENCE);
    expect(changed).toHaveBeenCalled();
    await bed.plane.kubectl('annotate', '-n', world.namespace, 'pod', 'chat-2', `${ANNOTATIONS.drain}-`);
    await vi.waitFor(() => expect(fleet.drainRequests()).toEqual([]), PATIENCE);
  });
});

describe('a new operator', () => {
  it('never takes a gateway for one that starts, whatever it finds', async () => {
    const world = await open();
    await ready(world.fleet, 'chat-1', 'chat-2');
    await connect(world, 3);
    await world.fleet.apply(action('cordon', 'chat-2'));
    const first = await (await world.nextFleet()).list();
    expect(first.map(({ name, phase, cordoned }) => [name, phase, cordoned]).sort()).toEqual([
      ['chat-1', 'ready', false],
      ['chat-2', 'ready', true],
    ]);
    expect(first.reduce((sum, { connections }) => sum + (connections ?? 0), 0)).toBe(3);
  });
});

describe('a Pod', () => {
  it('that a person deletes drains itself: nobody is cut off', async () => {
    const world = await open();
    const { fleet } = world;
    await ready(fleet, 'chat-1');
    const clients = await connect(world, 8);
    await ready(fleet, 'chat-2');
    await vi.waitFor(() => expect(world.proxy.endpoints()).toHaveLength(2), PATIENCE);
    await bed.plane.api.delete(podPath(world, 'chat-1'));
    await shows(fleet, 'chat-1', { phase: 'terminating', cordoned: true });
    await vi.waitFor(async () => expect(await fleet.list()).toHaveLength(1), PATIENCE);
    expect([clients.on('chat-2'), clients.moved(), clients.cutOff()]).toEqual([8, 8, 0]);
  });

  it('is not deleted when it is no longer what the decision rested on', async () => {
    const world = await open();
    const { fleet } = world;
    await ready(fleet, 'chat-1');
    await fleet.apply(action('cordon', 'chat-1'));
    await fleet.list();
    await bed.plane.api.patch(podPath(world, 'chat-1'), { metadata: { labels: { [LABELS.accepting]: 'true' } } });
    await expect(fleet.apply(action('delete', 'chat-1'))).rejects.toThrow(/chat-1 changed after it was decided/);
    expect(world.pod('chat-1').metadata.deletionTimestamp).toBeUndefined();
    await fleet.list();
    await fleet.apply(action('delete', 'chat-1'));
    await vi.waitFor(async () => expect(await fleet.list()).toEqual([]), PATIENCE);
  });

  it('of somebody else that has the name is left alone, and told of', async () => {
    const world = await open();
    const spec = {
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [{ name: 'x', image: 'x', securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }],
    };
    await bed.plane.api.create(podPath(world), { metadata: { name: 'chat-1' }, spec });
    await expect(world.fleet.apply(action('create', 'chat-1'))).rejects.toThrow(/chat-1 is there already and is not this ChatCluster's/);
    expect(await world.fleet.list()).toEqual([]);
    await bed.plane.api.delete(podPath(world, 'chat-1'), { gracePeriodSeconds: 0 });
  });

  const wrong = [
    { name: 'an image that is not there', pods: { image: 'no-such-image:1' }, problem: /^ImagePullBackOff: .*check spec.pods.image/ },
    {
      name: 'a setting that is wrong',
      pods: { template: { spec: { containers: [{ name: 'gateway', env: [{ name: 'CHATCLUSTER_LOG_LEVEL', value: 'loud' }] }] } } },
      problem: /^CrashLoopBackOff: it ended with exit code 2, started \d+ times; .*kubectl logs -n fleet-\d+ chat-1 --previous/,
    },
    {
      name: 'no node that fits',
      pods: { template: { spec: { nodeSelector: { disk: 'none' } } } },
      problem: /^Unschedulable: 0\/1 nodes are available/,
    },
    {
      name: 'a Secret that is not there',
      pods: {
        template: {
          spec: { containers: [{ name: 'gateway', env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 'none', key: 'x' } } }] }] },
        },
      },
      problem: /^CreateContainerConfigError: .*; create the Secret/,
    },
  ];
  it.each(wrong)('with $name starts for ever, and says why', async ({ pods, problem }) => {
    const { fleet } = await open({ spec: { pods } });
    await fleet.apply(action('create', 'chat-1'));
    await shows(fleet, 'chat-1', { phase: 'starting', problem: expect.stringMatching(problem) });
  });
});

describe('a quota', () => {
  it('that is used up is told of, and not run against all the time; then it goes on', async () => {
    const world = await open();
    const { fleet, namespace } = world;
    const quotas = `/api/v1/namespaces/${namespace}/resourcequotas`;
    await bed.plane.api.create(quotas, { metadata: { name: 'pods' }, spec: { hard: { pods: '1' } } });
    await vi.waitFor(
      async () => expect(await bed.plane.api.get(`${quotas}/pods`)).toMatchObject({ status: { hard: { pods: '1' } } }),
      PATIENCE,
    );
    await fleet.apply(action('create', 'chat-1'));
    await expect(fleet.apply(action('create', 'chat-2'))).rejects.toThrow(/quota pods exceeded/);
    await expect(fleet.apply(action('create', 'chat-3'))).rejects.toThrow(/quota pods exceeded.*; tried again in 1 s/);
    expect(fleet.problems()).toEqual([expect.stringMatching(/^no gateway can be created: .*quota pods exceeded/)]);
    await bed.plane.api.delete(`${quotas}/pods`);
    await vi.waitFor(() => fleet.apply(action('create', 'chat-4')), PATIENCE);
    expect([(await fleet.list()).map(({ name }) => name).sort(), fleet.problems()]).toEqual([['chat-1', 'chat-4'], []]);
  });
});

describe('the disruption budget', () => {
  it('lets one gateway be evicted at a time, also while nobody wrote spec.replicas', async () => {
    const world = await open();
    const { fleet, api, owner, namespace } = world;
    for (const { type, object } of ownedObjects(cluster(), owner, 2)) await api.apply(type, namespace, object);
    await ready(fleet, 'chat-1', 'chat-2');
    const budget = () => bed.plane.api.get(`/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets/chat`);
    await vi.waitFor(async () => expect(await budget()).toMatchObject({ status: { currentHealthy: 2, disruptionsAllowed: 1 } }), PATIENCE);
    const evict = (name: string) =>
      bed.plane.api.create(`${podPath(world, name)}/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } });
    await evict('chat-1');
    await expect(evict('chat-2')).rejects.toThrow(/disruption budget/);
    await shows(fleet, 'chat-2', { phase: 'ready' });
    await vi.waitFor(async () => expect(await fleet.list()).toHaveLength(1), PATIENCE);
  });
});
