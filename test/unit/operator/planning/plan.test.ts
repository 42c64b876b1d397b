import { describe } from 'vitest';
import { draining, fleet, NOW, table } from './cases.ts';

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

describe('in panic', () => {
  table({
    'no gateway too many is drained': {
      gateways: fleet({ connections: 90 }, { connections: 90 }, { connections: 90 }),
      desired: 2,
      panic: true,
      want: [],
    },
    'none with old settings is either': {
      gateways: fleet({ connections: 100 }, { connections: 40, revision: 'r0' }, { connections: 90 }),
      desired: 2,
      panic: true,
      want: [],
    },
    'one that is new and too many is kept': {
      gateways: fleet({ connections: 100 }, { connections: 90 }, { phase: 'starting', connections: null }),
      desired: 2,
      panic: true,
      want: [],
    },
    'a person still gets what was asked for': {
      gateways: fleet({ connections: 100 }, { connections: 40 }, { connections: 90 }),
      desired: 2,
      panic: true,
      drainRequests: ['chat-1'],
      want: ['drain chat-1 at 100'],
    },
    'drains go on, and gateways are created': {
      gateways: fleet({ connections: 100 }, draining({ connections: 60 })),
      desired: 3,
      panic: true,
      drainRequests: ['chat-2'],
      want: ['create chat-3', 'create chat-4'],
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
    'does not drain an empty one whose room a drain needs': {
      gateways: fleet({ connections: 300 }, draining({ connections: 300 }), { connections: 0 }),
      desired: 1,
      want: [],
    },
    'but one whose room it does not need': {
      gateways: fleet({ connections: 100 }, draining({ connections: 300 }), { connections: 0 }),
      desired: 1,
      want: ['drain chat-2 at 50', 'drain chat-3 at 50'],
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
    'leaves the budget to one that sheds and does not answer': {
      gateways: fleet(
        { connections: 100 },
        { connections: 40 },
        { connections: 90, phase: 'unreachable', shed: { remaining: 9, ratePerSecond: 30 } },
      ),
      desired: 2,
      drainRequests: ['chat-2'],
      want: ['drain chat-2 at 70'],
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

describe('a drain that a person took back', () => {
  table({
    'ends, and counts as a gateway that is there': {
      gateways: fleet({ connections: 100 }, draining({ connections: 60 })),
      desired: 2,
      takeBacks: ['chat-2'],
      want: ['uncordon chat-2'],
    },
    'ends also when it is one too many: another one goes when it is seen to be back': {
      gateways: fleet({ connections: 100 }, { connections: 80 }, draining({ connections: 60 })),
      desired: 2,
      takeBacks: ['chat-3'],
      want: ['uncordon chat-3'],
    },
    'is tried again though the gateway does not answer': {
      gateways: fleet({ connections: 100 }, draining({ phase: 'unreachable', connections: 60 })),
      desired: 2,
      takeBacks: ['chat-2'],
      want: ['uncordon chat-2'],
    },
    'keeps no other drain from being taken back': {
      gateways: fleet({ connections: 100 }, draining({ connections: 60 }), draining({ connections: 50 })),
      desired: 3,
      takeBacks: ['chat-3'],
      want: ['uncordon chat-3', 'uncordon chat-2'],
    },
    'of a gateway with old settings ends too, and the surge counts it': {
      gateways: fleet({ connections: 100, revision: 'r0' }, draining({ connections: 60, revision: 'r0' }), { connections: 10 }),
      desired: 2,
      spec: { rollout: { maxSurge: 1 } },
      takeBacks: ['chat-2'],
      want: ['uncordon chat-2'],
    },
    'counts as wanted, so that no other one is taken back for it': {
      gateways: fleet({ connections: 100 }, draining({ connections: 60 }), draining({ connections: 50 }), {
        connections: 100,
        revision: 'r0',
      }),
      desired: 2,
      spec: { rollout: { maxSurge: 2 } },
      takeBacks: ['chat-2'],
      want: ['uncordon chat-2', 'cordon chat-4'],
    },
    'lets a cordoned gateway with old settings take connections, once': {
      gateways: fleet({ connections: 100, revision: 'r0', cordoned: true }, draining({ connections: 60, revision: 'r0' }), {
        connections: 10,
      }),
      desired: 2,
      spec: { rollout: { maxSurge: 1 } },
      takeBacks: ['chat-1'],
      want: ['uncordon chat-1'],
    },
    'lets it do so once, also where it would be opened anyway': {
      gateways: fleet(
        { connections: 400, revision: 'r0', cordoned: true },
        { connections: 80, revision: 'r0', cordoned: true },
        { connections: 495 },
      ),
      desired: 2,
      spec: { rollout: { maxSurge: 1 } },
      takeBacks: ['chat-2'],
      want: ['uncordon chat-2', 'uncordon chat-1'],
    },
  });
});
