import { describe, expect, it } from 'vitest';
import type { GatewayView } from '../../../../operator/fleet/fleet.ts';
import { type Case, draining, fleet, NOW, planOf, table, words } from './cases.ts';

/** Looked at so long ago; in the second before, so many came, and went. */
const looked = (agoMs: number, connections: number, came: number, went = 0): Partial<GatewayView> => {
  const rest = { movesPerSecond: 0, messagesPerSecond: 0, eventLoopDelayMs: 0, cpuCores: 0 };
  return {
    connections,
    observedAt: NOW - agoMs,
    load: { acceptsPerSecond: came / 10, latestAcceptsPerSecond: came, latestLeavesPerSecond: went, ...rest },
  };
};

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
    'leaves those alone that came since the others were looked at': {
      gateways: fleet(looked(900, 100, 100), looked(50, 195, 95), looked(900, 100, 100)),
      desired: 3,
      spec: rebalance,
      want: [],
    },
    'moves those that were too many before': {
      gateways: fleet(looked(900, 100, 10), looked(50, 250, 10), looked(900, 100, 10)),
      desired: 3,
      spec: rebalance,
      want: ['shed chat-2 90 at 100'],
    },
    'of one that was looked at a while after the others leaves more alone': {
      gateways: fleet(looked(3_000, 100, 10), looked(0, 220, 30), looked(3_000, 100, 10)),
      desired: 3,
      spec: rebalance,
      want: [],
    },
    'leaves one alone that was looked at before the others lost many': {
      gateways: fleet(looked(900, 200, 0), looked(50, 100, 0, 100), looked(50, 100, 0, 100)),
      desired: 3,
      spec: rebalance,
      want: [],
    },
    'moves what is too much all the same': {
      gateways: fleet(looked(900, 300, 0), looked(50, 100, 0, 30), looked(50, 100, 0, 30)),
      desired: 3,
      spec: rebalance,
      want: ['shed chat-1 113 at 100'],
    },
    'takes one that does not tell what came for one that took all it can': {
      gateways: fleet(looked(900, 100, 0), { ...looked(50, 300, 0), load: null }),
      desired: 2,
      spec: rebalance,
      want: [],
    },
    'goes on with a shed though some come': {
      gateways: fleet(looked(900, 100, 50), { ...looked(50, 200, 50), shed: { remaining: 80, ratePerSecond: 100 } }),
      desired: 2,
      spec: rebalance,
      want: ['shed chat-2 50 at 100'],
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

describe('rebalancing that a person asked for', () => {
  const off = { rebalance: { enabled: false, maxSkew: 0.2 } };
  const controls = { rebalance: 'now' };
  table({
    'is done though it is switched off, and down to a few percent': {
      gateways: fleet({ connections: 110 }, { connections: 100 }, { connections: 90 }),
      desired: 3,
      spec: off,
      controls,
      want: ['shed chat-1 10 at 100'],
    },
    'leaves less than that alone': {
      gateways: fleet({ connections: 103 }, { connections: 100 }, { connections: 97 }),
      desired: 3,
      spec: off,
      controls,
      want: [],
    },
    'is not done again': {
      gateways: fleet({ connections: 110 }, { connections: 100 }, { connections: 90 }),
      desired: 3,
      spec: off,
      controls,
      memory: { rebalanced: 'now' },
      want: [],
    },
    'is done again for another request': {
      gateways: fleet({ connections: 110 }, { connections: 100 }, { connections: 90 }),
      desired: 3,
      spec: off,
      controls,
      memory: { rebalanced: 'earlier' },
      want: ['shed chat-1 10 at 100'],
    },
    'with Hash only down to the skew: others would come back': {
      gateways: fleet({ connections: 110 }, { connections: 100 }, { connections: 90 }),
      desired: 3,
      spec: { ...off, balancing: { algorithm: 'Hash' } },
      controls,
      want: [],
    },
  });

  it.each<[string, Omit<Case, 'desired' | 'spec' | 'controls'> & { readonly desired?: number }, string | null]>([
    ['when all is even', { gateways: fleet({ connections: 103 }, { connections: 100 }, { connections: 97 }), desired: 3 }, 'now'],
    [
      'but not when something is still to be moved',
      { gateways: fleet({ connections: 110 }, { connections: 100 }, { connections: 90 }), desired: 3 },
      null,
    ],
    [
      'nor when a shed goes on',
      { gateways: fleet({ connections: 102, shed: { remaining: 2, ratePerSecond: 1 } }, { connections: 98 }) },
      null,
    ],
    ['nor when clients are on the way', { gateways: fleet({ connections: 105, migrating: 5 }, { connections: 95 }) }, null],
    ['nor when it is not known whether all is even', { gateways: fleet(looked(900, 100, 100), looked(50, 195, 95)) }, null],
    ['nor while a gateway is missing', { gateways: fleet({ connections: 100 }, { connections: 100 }), desired: 3 }, null],
    [
      'nor while one starts',
      { gateways: fleet({ connections: 100 }, { connections: 100 }, { phase: 'starting', connections: null }), desired: 3 },
      null,
    ],
    ['nor while one drains', { gateways: fleet({ connections: 100 }, { connections: 100 }, draining({ connections: 9 })) }, null],
    ['nor while a count is missing', { gateways: fleet({ connections: 100 }, { connections: null }) }, null],
    ['when there is only one gateway, and nothing to even out', { gateways: fleet({ connections: 100 }), desired: 1 }, 'now'],
    ['but not when a second one is to come', { gateways: fleet({ connections: 100 }), desired: 2 }, null],
  ])('is done %s', (_name, input, want) => {
    expect(planOf({ desired: 2, spec: off, controls, ...input }).memory.rebalanced).toBe(want);
  });

  it('says why it waits', () => {
    const gateways = fleet({ connections: 300 }, { connections: 0 }, draining({ connections: 50 }));
    const { actions, waiting } = planOf({ gateways, desired: 2, spec: off, controls });
    expect([words(actions), waiting]).toEqual([[], ['the connections are evened out when no gateway is drained or replaced any more']]);
  });
});
