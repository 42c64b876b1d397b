import type { PlanningMemory } from '../snapshot.ts';

/** What planning remembers before its first plan. */
export const emptyPlanningMemory = (): PlanningMemory => ({
  lastOrdinal: 0,
  desired: null,
  rebalanced: null,
  rollout: null,
  failedResumes: null,
  removingSince: null,
});
