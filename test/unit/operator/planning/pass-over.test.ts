import { describe, expect, it } from 'vitest';
import type { GatewayView } from '../../../../operator/fleet/fleet.ts';
import { draining, fleet, NOW, planOf, table } from './cases.ts';

/** One that hasn't answered for some seconds. */
const silent = (changes: Partial<GatewayView> = {}): Partial<GatewayView> => ({
  connections: 100,
  phase: 'unreachable',
  observedAt: NOW - 8_000,
  ...changes,
});
const well: Partial<GatewayView> = { connections: 100 };
const full: Partial<GatewayView> = { connections: 500 };

describe('a gateway that does not answer', () => {
  table({
    'takes no newcomer while another does': { gateways: fleet(well, silent()), desired: 2, want: ['cordon chat-2'] },
    'nor does one that never answered this operator': {
      gateways: fleet(well, silent({ connections: null, observedAt: null })),
      desired: 2,
      want: ['cordon chat-2'],
    },
    'is told once': { gateways: fleet(well, silent({ cordoned: true })), desired: 2, want: [] },
    'is opened when it answers again': { gateways: fleet(well, { ...well, cordoned: true }), desired: 2, want: ['uncordon chat-2'] },
    'is left alone when it is the only one': { gateways: fleet(silent()), desired: 1, want: [] },
    'is left alone when nobody answers: the operator itself may be cut off': { gateways: fleet(silent(), silent()), desired: 2, want: [] },
    'is left alone when most do not answer': { gateways: fleet(well, silent(), silent()), desired: 3, want: [] },
    'also when one of them was passed over already': { gateways: fleet(well, silent(), silent({ cordoned: true })), desired: 3, want: [] },
    'also when one of them has only just stopped to answer': {
      gateways: fleet(well, silent({ observedAt: NOW - 1_000 }), silent()),
      desired: 3,
      want: [],
    },
    'half may be passed over': { gateways: fleet(well, well, silent(), silent()), desired: 4, want: ['cordon chat-3', 'cordon chat-4'] },
    // Of the others only those count that take connections.
    'is left alone while the others start': {
      gateways: fleet(silent(), { phase: 'starting', connections: null }),
      desired: 2,
      want: [],
    },
    'is left alone while the others have no room': {
      gateways: fleet(full, silent()),
      desired: 2,
      spec: { rebalance: { enabled: false } },
      want: [],
    },
    'is left alone while the other is drained': {
      gateways: fleet({ ...draining({ connections: 0 }), observedAt: NOW - 2_000 }, silent()),
      desired: 1,
      drainRequests: ['chat-1'],
      want: ['drain chat-1 at 0'],
    },
    // A probe of Kubernetes fails: it sends nobody there.
    'is left alone when it is only unready': { gateways: fleet(well, silent({ observedAt: NOW - 900 })), desired: 2, want: [] },
    'is passed over also while the number of gateways is not known': {
      gateways: fleet(well, silent()),
      desired: null,
      want: ['cordon chat-2'],
    },
    'and also with old settings': {
      gateways: fleet(well, well, silent({ revision: 'r0' })),
      desired: 3,
      spec: { rollout: { maxSurge: 1 } },
      want: ['create chat-4', 'cordon chat-3'],
    },
    'stays as it is when the ChatCluster goes': {
      gateways: fleet(well, silent()),
      desired: 2,
      controls: { removing: true },
      want: ['drain chat-1 at 50', 'drain chat-2 at 50'],
    },
  });

  it('the reason is told', () => {
    expect(planOf({ gateways: fleet(well, silent()), desired: 2 }).actions).toMatchObject([{ reason: 'it does not answer' }]);
  });
});
