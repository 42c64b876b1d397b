import type { Action } from '../fleet/fleet.ts';
import type { PlanningMemory, Recommendation, Snapshot } from '../snapshot.ts';

/** What to do now, in the order in which to do it, and what planning must be given again next time (save it before acting). */
export interface Plan {
  readonly actions: readonly Action[];
  readonly memory: PlanningMemory;
  /** What is held back, and why: one line each. */
  readonly waiting: readonly string[];
}

export declare function plan(snapshot: Snapshot, recommendation: Recommendation, memory: PlanningMemory): Plan;
