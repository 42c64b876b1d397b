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
  const deletions = planDeletions(snapshot);
  const deleted = new Set(deletions.map(({ gateway }) => gateway));
  const roles = rolesOf(
    deletions.length === 0 ? snapshot : { ...snapshot, gateways: snapshot.gateways.filter(({ name }) => !deleted.has(name)) },
  );
  const number = planNumber(snapshot, roles, recommendation.kind === 'desired' ? recommendation.desired : null, memory);
  return {
    actions: [...deletions, ...number.actions, ...planSteering(snapshot, roles, number), ...planMoves(snapshot, roles, number)],
    memory: number.memory,
    waiting: number.waiting,
  };
}
