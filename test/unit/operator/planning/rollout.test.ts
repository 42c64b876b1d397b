import { describe } from 'vitest';
import { draining, fleet, table } from './cases.ts';

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
    'deletes no more of those than leaves the least there must be, creates no more than the most there may be': {
      gateways: fleet({ ...old, phase: 'starting', connections: null }, { ...old, phase: 'starting', connections: null }),
      desired: 2,
      spec: { ...rollout, scaling: { minReplicas: 2, maxReplicas: 2 } },
      want: ['delete chat-1', 'create chat-3'],
    },
    'replaces the next one when the last is seen to be gone': {
      gateways: fleet({ ...old, connections: 100 }, { ...old, ...draining({ connections: 0 }) }, { connections: 100 }),
      desired: 2,
      spec: rollout,
      want: ['delete chat-2'],
    },
    'ends the sheds of the old gateways: their rates are needed': {
      gateways: fleet(
        { ...old, connections: 100, shed: { remaining: 10, ratePerSecond: 60 } },
        { ...old, connections: 80, shed: { remaining: 10, ratePerSecond: 40 } },
        { connections: 0 },
      ),
      desired: 2,
      spec: rollout,
      want: ['cordon chat-1', 'shed chat-1 0 at 0', 'drain chat-2 at 100'],
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
