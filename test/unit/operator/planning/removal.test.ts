import { describe, expect, it } from 'vitest';
import { emptyPlanningMemory } from '../../../../operator/planning/memory.ts';
import { draining, fleet, NOW, planOf, table } from './cases.ts';

describe('a ChatCluster that is deleted', () => {
  const controls = { removing: true };
  const drains = { drain: { onDeletion: 'Drain' } } as const;
  table({
    'drains all its gateways, which share the budget, though nobody stays to take who is moved': {
      gateways: fleet({ connections: 400 }, { connections: 300 }),
      desired: 0,
      controls,
      spec: drains,
      want: ['drain chat-1 at 50', 'drain chat-2 at 50'],
    },
    'also those of other settings, cordoned ones and those that people asked for': {
      gateways: fleet({ connections: 400, revision: 'r0' }, { connections: 300, cordoned: true }, { connections: 10 }, { connections: 20 }),
      desired: 0,
      controls,
      spec: drains,
      drainRequests: ['chat-3'],
      want: ['drain chat-3 at 25', 'drain chat-1 at 25', 'drain chat-2 at 25', 'drain chat-4 at 25'],
    },
    'takes no drain back, whoever wants it': {
      gateways: fleet(draining({ connections: 40 })),
      desired: 0,
      controls,
      spec: drains,
      takeBacks: ['chat-1'],
      want: [],
    },
    'creates nothing, and replaces nothing': {
      gateways: fleet({ phase: 'dead', connections: 0 }, { phase: 'terminating', connections: 10, cordoned: true }),
      desired: 0,
      controls,
      spec: drains,
      want: ['delete chat-1'],
    },
    'deletes what is empty, and what never took a connection': {
      gateways: fleet(draining({ connections: 0 }), { phase: 'starting', connections: null }, draining({ connections: 5 })),
      desired: 0,
      controls,
      spec: drains,
      want: ['delete chat-1', 'delete chat-2'],
    },
    'an empty gateway is drained first too: somebody may be about to come': {
      gateways: fleet({ connections: 0 }),
      desired: 0,
      controls,
      spec: drains,
      want: ['drain chat-1 at 100'],
    },
    'deletes what is left when the time for it is over': {
      gateways: fleet(draining({ connections: 5 }, { startedAt: NOW - 80_000, deadlineAt: NOW - 15_000 })),
      desired: 0,
      controls,
      spec: drains,
      want: ['delete chat-1'],
    },
    'tries again to drain one that does not answer': {
      gateways: fleet({ phase: 'unreachable', connections: 50 }),
      desired: 0,
      controls,
      spec: drains,
      memory: { removingSince: NOW - 74_999 },
      want: ['drain chat-1 at 100'],
    },
    'until as long is over as a drain takes': {
      gateways: fleet({ phase: 'unreachable', connections: 50 }),
      desired: 0,
      controls,
      spec: drains,
      memory: { removingSince: NOW - 75_000 },
      want: ['delete chat-1'],
    },
    'with Immediate deletes them at once, each once, however full': {
      gateways: fleet(
        { connections: 400 },
        draining({ connections: 5 }, { ratePerSecond: 50 }),
        draining({ connections: 0 }),
        { phase: 'unreachable', connections: 9 },
        { phase: 'dead', connections: 0 },
        { phase: 'terminating', connections: 3, cordoned: true },
        { phase: 'starting', connections: null },
      ),
      desired: 0,
      controls,
      spec: { drain: { onDeletion: 'Immediate' } },
      want: ['delete chat-5', 'delete chat-3', 'delete chat-2', 'delete chat-1', 'delete chat-4', 'delete chat-7'],
    },
  });

  it('remembers since when', () => {
    const first = planOf({ gateways: [], desired: 0, controls }).memory;
    expect(first.removingSince).toBe(NOW);
    expect(planOf({ gateways: [], desired: 0, controls, now: NOW + 5_000, memory: first }).memory.removingSince).toBe(NOW);
    expect(emptyPlanningMemory().removingSince).toBeNull();
  });
});
