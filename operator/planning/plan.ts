import type { Action } from '../fleet/fleet.ts';
import type { PlanningMemory, Recommendation, Snapshot } from '../snapshot.ts';
import { planDeletions } from './deletions.ts';
import { planMoves } from './moves.ts';
import { planNumber } from './number.ts';
import { rolesOf } from './roles.ts';
import { planSteering } from './steering.ts';

export interface Plan {
  /** In the order in which they must be applied: what lowers a rate stands before what raises one. */
  readonly actions: readonly Action[];
  readonly memory: PlanningMemory;
  /** What is held back, and why: one line each. */
  readonly waiting: readonly string[];
}

/**
 * What to do to the fleet, so that it gets to the recommended number without moving more connections than allowed.
 * Each policy sees the fleet as the ones before it leave it.
 */
export function plan(snapshot: Snapshot, recommendation: Recommendation, memory: PlanningMemory): Plan {
  const roles = rolesOf(snapshot);
  const desired = recommendation.kind === 'desired' ? recommendation.desired : null;
  const deletions = planDeletions(snapshot, roles);
  const number = planNumber(snapshot, roles, desired, memory);
  const steering = planSteering(snapshot, roles, number);
  const moves = planMoves(snapshot, roles, number);
  return {
    actions: [...deletions, ...number.actions, ...steering, ...moves],
    memory: number.memory,
    waiting: [],
  };
}
