import { describe } from 'vitest';
import { draining, fleet, table } from './cases.ts';

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
