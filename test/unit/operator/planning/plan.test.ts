import { describe, expect, it } from 'vitest';
import type { Action, DrainView, GatewayView } from '../../../../operator/fleet/fleet.ts';
import { emptyPlanningMemory } from '../../../../operator/planning/memory.ts';
import { plan } from '../../../../operator/planning/plan.ts';
import type { Recommendation } from '../../../../operator/snapshot.ts';
import { cluster, gateway, type SpecChanges } from '../../../fakes/chat-cluster.ts';

const NOW = 100_000;

/** Fresh gateways chat-1, chat-2 …, ready, of the present revision "r1". */
const fleet = (...changes: Partial<GatewayView>[]): GatewayView[] =>
  changes.map((change, i) => gateway({ ordinal: i + 1, observedAt: NOW, ...change }));

const drain = (changes: Partial<DrainView> = {}): DrainView => ({
  ratePerSecond: 100,
  startedAt: NOW - 1_000,
  deadlineAt: NOW + 59_000,
  initial: 100,
  ...changes,
});
const draining = (changes: Partial<GatewayView> = {}, of: Partial<DrainView> = {}): Partial<GatewayView> => ({
  cordoned: true,
  drain: drain(of),
  ...changes,
});

interface Case {
  readonly gateways: readonly GatewayView[];
  /** `null`: can't be decided. */
  readonly desired: number | null;
  readonly spec?: SpecChanges;
  readonly drainRequests?: readonly string[];
  readonly memory?: { readonly lastOrdinal: number; readonly desired: number | null };
}

function planned({ gateways, desired, spec = {}, drainRequests = [], memory = emptyPlanningMemory() }: Case): readonly Action[] {
  const recommendation: Recommendation =
    desired === null ? { kind: 'cannot-decide', reasons: [] } : { kind: 'desired', desired, reasons: [] };
  const defaults: SpecChanges = {
    ...spec,
    scaling: { minReplicas: 1, ...spec.scaling },
    drain: { maxConnectionsPerSecond: 100, timeoutMs: 60_000, ...spec.drain },
  };
  return plan({ now: NOW, cluster: cluster(defaults), revision: 'r1', gateways, drainRequests }, recommendation, memory).actions;
}

/** Actions as short words: "drain chat-1 at 100". */
const words = (actions: readonly Action[]): string[] =>
  actions.map((action) => {
    const what = `${action.kind} ${action.gateway}`;
    if (action.kind === 'drain') return `${what} at ${action.ratePerSecond}`;
    if (action.kind === 'shed') return `${what} ${action.count} at ${action.ratePerSecond}`;
    return what;
  });

const table = (cases: Readonly<Record<string, Case & { readonly want: readonly string[] }>>) =>
  it.each(Object.entries(cases))('%s', (_name, { want, ...input }) => {
    expect(words(planned(input))).toEqual(want);
  });

describe('scaling up', () => {
  table({
    'creates what is missing, with new names': {
      gateways: fleet({ connections: 400 }),
      desired: 3,
      want: ['create chat-2', 'create chat-3'],
    },
    'never gives a name again that was ever given': {
      gateways: fleet({ connections: 400 }),
      desired: 2,
      memory: { lastOrdinal: 9, desired: 2 },
      want: ['create chat-10'],
    },
    'counts gateways that are starting': {
      gateways: fleet({ connections: 400 }, { phase: 'starting', connections: null }),
      desired: 2,
      want: [],
    },
    'replaces a crashed gateway, and forgets it': {
      gateways: fleet({ connections: 100 }, { phase: 'dead', connections: 0 }),
      desired: 2,
      want: ['delete chat-2', 'create chat-3'],
    },
    'takes a drain back before it creates, the one with most connections first': {
      gateways: fleet(
        { connections: 400 },
        draining({ connections: 20 }, { ratePerSecond: 50 }),
        draining({ connections: 60 }, { ratePerSecond: 50 }),
      ),
      desired: 2,
      want: ['uncordon chat-3', 'drain chat-2 at 100'],
    },
    'does not take back a drain that a person asked for': {
      gateways: fleet({ connections: 100 }, draining({ connections: 60 }, { ratePerSecond: 60 })),
      desired: 2,
      drainRequests: ['chat-2'],
      want: ['create chat-3', 'drain chat-2 at 100'],
    },
    'replaces a gateway that stops by itself': {
      gateways: fleet({ connections: 100 }, { phase: 'terminating', connections: 60, cordoned: true }),
      desired: 2,
      want: ['create chat-3'],
    },
    'replaces what crashed while nothing can be decided, up to the last number': {
      gateways: fleet({ connections: 100 }, { phase: 'dead', connections: 0 }),
      desired: null,
      memory: { lastOrdinal: 2, desired: 2 },
      want: ['delete chat-2', 'create chat-3'],
    },
  });
});

describe('scaling down', () => {
  table({
    'drains the gateway with the fewest connections': {
      gateways: fleet({ connections: 100 }, { connections: 40 }, { connections: 90 }),
      desired: 2,
      want: ['drain chat-2 at 100'],
    },
    'deletes what never took a connection, before anything is drained': {
      gateways: fleet({ connections: 100 }, { phase: 'starting', connections: null }, { connections: 90 }),
      desired: 2,
      want: ['delete chat-2'],
    },
    'prefers one that does not answer': {
      gateways: fleet({ connections: 10 }, { connections: 90, phase: 'unreachable' }, { connections: 90 }),
      desired: 2,
      want: ['drain chat-2 at 100'],
    },
    'keeps the zones even': {
      gateways: fleet({ connections: 90, zone: 'a' }, { connections: 80, zone: 'a' }, { connections: 10, zone: 'b' }),
      desired: 2,
      want: ['drain chat-2 at 100'],
    },
    'of equals the youngest goes': { gateways: fleet({ connections: 50 }, { connections: 50 }), desired: 1, want: ['drain chat-2 at 100'] },
    'waits while those that stay could not take what is to be moved': {
      gateways: fleet({ connections: 450 }, { connections: 60 }),
      desired: 1,
      spec: { rebalance: { enabled: false } },
      want: [],
    },
    'takes a drain back when those that stay can no longer take it': {
      gateways: fleet({ connections: 470 }, draining({ connections: 60 })),
      desired: 1,
      want: ['uncordon chat-2'],
    },
    'goes no lower than min and no higher than max, whatever was recommended': {
      gateways: fleet({ connections: 10 }, { connections: 9 }),
      desired: 1,
      spec: { scaling: { minReplicas: 2 } },
      want: [],
    },
    'pauses a drain while its clients may be counted twice': {
      gateways: fleet({ connections: 450 }, draining({ connections: 60, migrating: 20 })),
      desired: 1,
      want: ['drain chat-2 at 0'],
    },
    'keeps the older drain and takes the younger one back when there is room for one': {
      gateways: fleet(
        { connections: 400 },
        draining({ connections: 80 }, { ratePerSecond: 50, startedAt: NOW - 5_000 }),
        draining({ connections: 60 }, { ratePerSecond: 50, startedAt: NOW - 1_000 }),
      ),
      desired: 1,
      want: ['uncordon chat-3', 'drain chat-2 at 100'],
    },
    'begins no more drains than the budget empties in half of their time': {
      gateways: fleet(
        { connections: 3_000, capacity: 9_000 },
        { connections: 2_000, capacity: 9_000 },
        { connections: 2_000, capacity: 9_000 },
      ),
      desired: 1,
      want: ['drain chat-3 at 100'],
    },
    'moves no faster than half of what the others accept': {
      gateways: fleet({ connections: 10 }, { connections: 40 }, { connections: 5 }),
      desired: 2,
      spec: { gateway: { acceptRatePerSecond: 30 } },
      want: ['drain chat-3 at 30'],
    },
    'leaves the budget to a gateway that drains itself': {
      gateways: fleet(
        { connections: 100 },
        { connections: 40 },
        { ...draining({ connections: 90 }, { ratePerSecond: 70 }), phase: 'terminating' },
      ),
      desired: 1,
      want: ['drain chat-2 at 30'],
    },
    'gives a drain first what it needs to be over in time': {
      gateways: fleet(
        { connections: 0, capacity: 9_000 },
        draining({ connections: 800 }, { ratePerSecond: 50, deadlineAt: NOW + 15_000 }),
        draining({ connections: 100 }, { ratePerSecond: 50 }),
      ),
      desired: 1,
      want: ['drain chat-3 at 20', 'drain chat-2 at 80'],
    },
    'leaves a little to a drain that waits for its last clients, and the rest to the others': {
      gateways: fleet(
        { connections: 100 },
        draining({ connections: 20, migrating: 20 }, { ratePerSecond: 50 }),
        draining({ connections: 100 }, { ratePerSecond: 50 }),
      ),
      desired: 1,
      want: ['drain chat-2 at 1', 'drain chat-3 at 99'],
    },
    'removes nothing while nothing can be decided': { gateways: fleet({ connections: 50 }, { connections: 50 }), desired: null, want: [] },
    'shares the budget among drains': {
      gateways: fleet({ connections: 100 }, { connections: 80 }, { connections: 90 }),
      desired: 1,
      want: ['drain chat-2 at 50', 'drain chat-3 at 50'],
    },
    'lowers a rate before it raises another': {
      gateways: fleet({ connections: 100 }, draining({ connections: 200 }, { ratePerSecond: 100 }), { connections: 90 }),
      desired: 1,
      want: ['drain chat-2 at 50', 'drain chat-3 at 50'],
    },
    'takes back even the drain that a person asked for when the fleet is full, and plans it again later': {
      gateways: fleet({ connections: 500 }, draining({ connections: 60 }, { ratePerSecond: 60 })),
      desired: 1,
      drainRequests: ['chat-2'],
      want: ['uncordon chat-2'],
    },
  });
});

describe('deleting', () => {
  table({
    'what is drained and empty goes': {
      gateways: fleet({ connections: 10 }, draining({ connections: 0 })),
      desired: 1,
      want: ['delete chat-2'],
    },
    'an empty count from before the drain does not count': {
      gateways: fleet({ connections: 10 }, draining({ connections: 0, observedAt: NOW - 5_000 }, { ratePerSecond: 1 })),
      desired: 1,
      want: [],
    },
    'what still holds connections stays until its deadline': {
      gateways: fleet({ connections: 10 }, draining({ connections: 1 }, { deadlineAt: NOW + 1 })),
      desired: 1,
      want: [],
    },
    'and has time to close them, paced, after it': {
      gateways: fleet({ connections: 10 }, draining({ connections: 1 }, { ratePerSecond: 1, deadlineAt: NOW - 1 })),
      desired: 1,
      want: [],
    },
    'then it goes with them': {
      gateways: fleet({ connections: 10 }, draining({ connections: 1 }, { ratePerSecond: 1, deadlineAt: NOW - 15_000 })),
      desired: 1,
      want: ['delete chat-2'],
    },
  });
});

describe('a drain that a person asked for', () => {
  table({
    'is replaced at once, and begins when there is room': {
      gateways: fleet({ connections: 100 }, { connections: 60 }),
      desired: 2,
      drainRequests: ['chat-2'],
      want: ['create chat-3', 'drain chat-2 at 100'],
    },
    'waits for room': {
      gateways: fleet({ connections: 450 }, { connections: 60 }),
      desired: 2,
      drainRequests: ['chat-2'],
      want: ['create chat-3'],
    },
  });
});

describe('a rollout', () => {
  const old = { revision: 'r0' };
  const rollout = { rollout: { maxSurge: 1 } };
  table({
    'surges by no more than allowed': {
      gateways: fleet({ ...old, connections: 100 }, { ...old, connections: 100 }),
      desired: 2,
      spec: rollout,
      want: ['create chat-3'],
    },
    'counts a gateway that is being drained as there: the surge is no more than allowed': {
      gateways: fleet({ ...old, connections: 100 }, { ...old, ...draining({ connections: 90 }) }, { connections: 100 }),
      desired: 2,
      spec: rollout,
      want: ['cordon chat-1'],
    },
    'but what the load needs is created at once': {
      gateways: fleet({ ...old, connections: 100 }, { ...old, ...draining({ connections: 90 }) }),
      desired: 2,
      spec: rollout,
      want: ['create chat-3'],
    },
    'deletes what starts with old settings': {
      gateways: fleet({ ...old, connections: 100 }, { ...old, phase: 'starting', connections: null }),
      desired: 2,
      spec: rollout,
      want: ['delete chat-2', 'create chat-3', 'create chat-4'],
    },
    'keeps half of the gateways accepting, for those who come': {
      gateways: fleet(
        { ...old, connections: 100 },
        { ...old, connections: 101 },
        { ...old, connections: 102 },
        { ...old, connections: 103 },
        { connections: 0 },
      ),
      desired: 4,
      spec: rollout,
      want: ['cordon chat-2', 'cordon chat-3', 'drain chat-1 at 100'],
    },
    'waits while the new gateways have no room': {
      gateways: fleet(
        { ...old, connections: 100 },
        { ...old, connections: 100 },
        { connections: 450 },
        { phase: 'starting', connections: null },
      ),
      desired: 2,
      spec: { rollout: { maxSurge: 2 } },
      want: [],
    },
    'uses the room of the old ones rather than stand still': {
      gateways: fleet({ ...old, connections: 100 }, { ...old, connections: 120 }, { connections: 480 }),
      desired: 2,
      spec: rollout,
      want: ['drain chat-1 at 100'],
    },
    'waits until the new gateway is ready': {
      gateways: fleet({ ...old, connections: 100 }, { ...old, connections: 100 }, { phase: 'starting', connections: null }),
      desired: 2,
      spec: rollout,
      want: [],
    },
    'then drains an old one, and the other takes no connection that would be moved again': {
      gateways: fleet({ ...old, connections: 100 }, { ...old, connections: 80 }, { connections: 0 }),
      desired: 2,
      spec: rollout,
      want: ['cordon chat-1', 'drain chat-2 at 100'],
    },
    'lets the old ones take connections again when the new have no room for any of them': {
      gateways: fleet({ ...old, connections: 400, cordoned: true }, { ...old, connections: 80, cordoned: true }, { connections: 495 }),
      desired: 2,
      spec: rollout,
      want: ['uncordon chat-2', 'uncordon chat-1'],
    },
    'back to the earlier settings: what was cordoned takes connections again, the newcomer goes': {
      gateways: fleet({ connections: 100, cordoned: true }, { connections: 100, cordoned: true }, { ...old, connections: 0 }),
      desired: 2,
      spec: rollout,
      want: ['uncordon chat-1', 'uncordon chat-2'],
    },
  });
});

describe('rebalancing', () => {
  const rebalance = { rebalance: { enabled: true, maxSkew: 0.2 } };
  table({
    'moves what is above the mean off those above the skew': {
      gateways: fleet({ connections: 300 }, { connections: 300 }, { connections: 0 }),
      desired: 3,
      spec: rebalance,
      want: ['shed chat-1 100 at 50', 'shed chat-2 100 at 50'],
    },
    'leaves a fleet alone that is even enough': {
      gateways: fleet({ connections: 110 }, { connections: 100 }, { connections: 90 }),
      desired: 3,
      spec: rebalance,
      want: [],
    },
    'counts those that are on their way as gone': {
      gateways: fleet({ connections: 200, migrating: 100 }, { connections: 100 }),
      desired: 2,
      spec: rebalance,
      want: [],
    },
    'says nothing again to one that sheds': {
      gateways: fleet({ connections: 250, shed: { remaining: 100, ratePerSecond: 100 } }, { connections: 50 }),
      desired: 2,
      spec: rebalance,
      want: [],
    },
    'ends a shed when the fleet is even': {
      gateways: fleet({ connections: 150, shed: { remaining: 20, ratePerSecond: 100 } }, { connections: 150 }),
      desired: 2,
      spec: rebalance,
      want: ['shed chat-1 0 at 0'],
    },
    'asks for no more than those below the mean have room for': {
      gateways: fleet({ connections: 400 }, { connections: 0, capacity: 50 }),
      desired: 2,
      spec: rebalance,
      want: ['shed chat-1 45 at 100'],
    },
    'with Hash sheds only what is above the limit: others would come back': {
      gateways: fleet({ connections: 300 }, { connections: 100 }),
      desired: 2,
      spec: { ...rebalance, balancing: { algorithm: 'Hash' } },
      want: ['shed chat-1 60 at 100'],
    },
    'leaves one or two connections more alone': {
      gateways: fleet({ connections: 4 }, { connections: 0 }),
      desired: 2,
      spec: rebalance,
      want: [],
    },
    'waits while a count is not known': {
      gateways: fleet({ connections: 300 }, { connections: 0 }, { connections: null }),
      desired: 3,
      spec: rebalance,
      want: [],
    },
    'does nothing when it is switched off': {
      gateways: fleet({ connections: 300 }, { connections: 0 }),
      desired: 2,
      spec: { rebalance: { enabled: false, maxSkew: 0.2 } },
      want: [],
    },
    'waits for drains': {
      gateways: fleet({ connections: 300 }, { connections: 0 }, draining({ connections: 50 })),
      desired: 2,
      spec: rebalance,
      want: [],
    },
  });
});
