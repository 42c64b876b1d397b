import type { ScalingMemory } from '../snapshot.ts';

/** What scaling remembers before its first decision. */
export const emptyScalingMemory = (): ScalingMemory => ({
  desired: null,
  recommendations: [],
  changes: { up: [], down: [] },
  panic: null,
  samples: [],
  starts: [],
});
