import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ChatClusterObject, StatusStore } from '../../../../operator/controller/status-store.ts';
import { RESOURCES } from '../../../../operator/kube/object.ts';
import { Overtaken } from '../../../../operator/loop/state-store.ts';
import { emptyPlanningMemory } from '../../../../operator/planning/memory.ts';
import { emptyScalingMemory } from '../../../../operator/scaling/memory.ts';
import type { OperatorState } from '../../../../operator/snapshot.ts';
import type { ClusterStatus } from '../../../../operator/status/status.ts';
import { KubeObjects, refusal } from '../../../fakes/kube-objects.ts';

const WRITE = 'patch status of chatclusters chat';

const state = (lastOrdinal: number, recommended = 2): OperatorState => ({
  memory: {
    scaling: { ...emptyScalingMemory(), desired: 2, recommendations: [{ at: 0, replicas: recommended }] },
    planning: { ...emptyPlanningMemory(), lastOrdinal, desired: 2 },
  },
  drainRequests: [],
  decisions: [],
});
const status = (connections: number, desired = 2): ClusterStatus => ({
  name: 'chat',
  at: 0,
  desired,
  needed: desired,
  limits: { min: 1, max: 10 },
  connections,
  capacity: 1_000,
  movedPerSecond: 0,
  deliveryLatencyMs: null,
  gateways: [],
  drains: [],
  decisions: [],
  conditions: [{ type: 'Available', status: 'True', reason: 'GatewaysReady', message: `room for ${1_000 - connections} more.` }],
});

describe('the status of a ChatCluster', () => {
  let objects: KubeObjects;
  let holds = true;
  let problems: unknown[];
  let wrote: string[];
  const store = (): StatusStore =>
    new StatusStore({
      api: objects,
      resource: resource(),
      selector: 'chatcluster.io/cluster=chat',
      holds: () => holds,
      wrote: (reason) => wrote.push(reason),
      problem: (error) => problems.push(error),
      clock: { now: () => Date.now(), monotonic: () => performance.now() },
    });
  const resource = (): ChatClusterObject => {
    const found = objects.peek<ChatClusterObject>(RESOURCES.chatclusters, 'default', 'chat');
    if (found === undefined) throw new Error('there is none');
    return found;
  };
  const passed = (ms: number) => vi.advanceTimersByTimeAsync(ms);

  beforeEach(() => {
    vi.useFakeTimers();
    objects = new KubeObjects();
    objects.put<ChatClusterObject>(RESOURCES.chatclusters, { metadata: { name: 'chat', namespace: 'default', generation: 1 } });
    holds = true;
    problems = [];
    wrote = [];
  });
  afterEach(() => {
    expect(problems).toEqual([]);
    vi.useRealTimers();
  });

  it('is saved before acting when it must be, and not when only recommendations were added', async () => {
    const saved = store();
    expect(await saved.load()).toBeNull();
    await saved.save(state(2));
    await saved.save(state(2, 5));
    await saved.save(state(3));
    expect(wrote).toEqual(['state', 'state']);
    expect((await store().load())?.memory.planning.lastOrdinal).toBe(3);
  });

  it('is not saved again by an operator that takes over and finds it so', async () => {
    const first = store();
    await first.save(state(2));
    const second = store();
    await second.load();
    await second.save(state(2));
    expect(wrote).toEqual(['state']);
  });

  it('rejects a save that can not be done, so that nothing is done without it', async () => {
    const saved = store();
    objects.failNext = refusal('unavailable', 0);
    await expect(saved.save(state(1))).rejects.toThrow('refused: unavailable');
    await saved.save(state(1));
    expect(wrote).toEqual(['state']);
    holds = false;
    await expect(saved.save(state(2))).rejects.toThrow('the lease is no longer held');
  });

  it('is written over a version that somebody changed meanwhile, and never over another ChatCluster of the name', async () => {
    const saved = store();
    objects.put(RESOURCES.chatclusters, { ...resource(), spec: { changed: true } });
    await saved.save(state(1));
    expect(resource().spec).toEqual({ changed: true });
    expect(resource().status?.state?.lastOrdinal).toBe(1);
    objects.put(RESOURCES.chatclusters, { metadata: { ...resource().metadata, uid: 'another' } });
    await expect(saved.save(state(2))).rejects.toThrow('ChatCluster chat was deleted');
  });

  describe('when somebody stored a higher number', () => {
    const raise = (lastOrdinal: number) => {
      const { status, ...rest } = resource();
      return objects.put<ChatClusterObject>(RESOURCES.chatclusters, {
        ...rest,
        status: { ...status, state: { recommendations: [], ...status?.state, lastOrdinal } },
      });
    };

    it.each<[string, (saved: StatusStore) => void]>([
      ['we were told of', (saved) => saved.seen(raise(9))],
      ['we were not told of', () => void raise(9)],
      [
        'the API server refused ours for',
        () => {
          raise(9);
          objects.failNext = refusal('invalid', 422);
        },
      ],
    ])('that %s, begins from there', async (_, meddle) => {
      const saved = store();
      await saved.save(state(2));
      meddle(saved);
      await expect(saved.save(state(3))).rejects.toThrow(Overtaken);
      expect((await saved.load())?.memory.planning.lastOrdinal).toBe(9);
      await saved.save(state(10));
      expect(resource().status?.state?.lastOrdinal).toBe(10);
    });

    it('tells nothing over it, and calls that no problem', async () => {
      const shown = store();
      await shown.save(state(2));
      await passed(10_000);
      shown.seen(raise(9));
      shown.observe(status(100), 1);
      await passed(10_000);
      expect(resource().status?.state?.lastOrdinal).toBe(9);
      expect(wrote).toEqual(['state']);
    });
  });

  it('rejects a save that the API server finds invalid for another reason, without a second try', async () => {
    const saved = store();
    objects.failNext = refusal('invalid', 422);
    await expect(saved.save(state(2))).rejects.toThrow('refused: invalid');
    expect(objects.calls.filter((call) => call === WRITE)).toHaveLength(1);
  });

  it('is put right when somebody wiped it', async () => {
    const saved = store();
    await saved.save(state(4));
    const { status: wiped, ...rest } = resource();
    saved.seen(objects.put<ChatClusterObject>(RESOURCES.chatclusters, rest));
    await saved.save(state(4));
    expect(wiped?.state?.lastOrdinal).toBe(4);
    expect(resource().status?.state?.lastOrdinal).toBe(4);
  });

  it('tells what happened within two seconds, figures within thirty, and nothing else', async () => {
    const shown = store();
    await shown.save(state(2));
    await passed(10_000);
    shown.observe(status(100), 1);
    await passed(0);
    expect(wrote).toEqual(['state', 'something']);
    shown.observe(status(100, 3), 1);
    await passed(1_999);
    expect(resource().status?.desiredReplicas).toBe(2);
    await passed(1);
    expect(resource().status?.desiredReplicas).toBe(3);
    shown.observe(status(200, 3), 1);
    await passed(29_000);
    expect(resource().status?.connections).toBe(100);
    await passed(1_000);
    expect(resource().status?.connections).toBe(200);
    const { length } = objects.calls;
    for (let second = 0; second < 120; second++) {
      shown.observe(status(201, 3), 1);
      await passed(1_000);
    }
    expect(objects.calls).toHaveLength(length);
    expect(wrote).toEqual(['state', 'something', 'something', 'figures']);
  });

  it('is not written by a process that lost the lease', async () => {
    const shown = store();
    await shown.save(state(2));
    holds = false;
    await passed(10_000);
    shown.observe(status(100), 1);
    await passed(60_000);
    await shown.end();
    expect(objects.calls.filter((call) => call === WRITE)).toHaveLength(1);
  });

  it('tells what is wrong with the spec, with the rest as it was, and no more when it is right again', async () => {
    const shown = store();
    await shown.save(state(2));
    shown.observe(status(100), 1);
    await passed(2_000);
    shown.setProblem({ reason: 'InvalidSpec', message: 'spec.x: unknown field', generation: 2, holds: false });
    await passed(2_000);
    expect(resource().status).toMatchObject({ observedGeneration: 2, connections: 100 });
    expect(resource().status?.conditions).toMatchObject([
      { type: 'Available', observedGeneration: 1 },
      { type: 'Degraded', status: 'True', reason: 'InvalidSpec', message: 'spec.x: unknown field', observedGeneration: 2 },
    ]);
    shown.setProblem(null);
    await passed(2_000);
    expect(resource().status?.conditions).toMatchObject([{ type: 'Available' }]);
  });

  it('tells what is wrong also when nothing else is known', async () => {
    store().setProblem({ reason: 'InvalidSpec', message: 'no', generation: 1, holds: false });
    await passed(0);
    expect(resource().status).toMatchObject({ conditions: [{ type: 'Degraded', status: 'True' }] });
  });

  it('ends with what people wait for', async () => {
    const shown = store();
    await shown.save(state(2));
    shown.observe(status(100), 1);
    await passed(2_000);
    shown.observe(status(100, 7), 1);
    await shown.end();
    expect(resource().status?.desiredReplicas).toBe(7);
    shown.observe(status(100, 9), 1);
    await passed(60_000);
    expect(resource().status?.desiredReplicas).toBe(7);
  });
});
