import type { ChatCluster } from '../api/spec.ts';
import type { Action, Fleet } from '../fleet/fleet.ts';
import { emptyPlanningMemory } from '../planning/memory.ts';
import { plan } from '../planning/plan.ts';
import { emptyScalingMemory } from '../scaling/memory.ts';
import { recommend } from '../scaling/recommend.ts';
import type { Memory, Recommendation, Snapshot } from '../snapshot.ts';

/** What one round saw, decided and did. */
export interface Round {
  readonly snapshot: Snapshot;
  readonly recommendation: Recommendation;
  readonly actions: readonly Action[];
  /** One line for each action that failed or was not tried. */
  readonly failures: readonly string[];
  readonly memory: Memory;
}

export const emptyMemory = (): Memory => ({ scaling: emptyScalingMemory(), planning: emptyPlanningMemory() });

/** Decides: how many gateways there should be, and what to do about it. */
export function decide(
  snapshot: Snapshot,
  memory: Memory,
): { readonly recommendation: Recommendation; readonly actions: readonly Action[]; readonly memory: Memory } {
  const scaled = recommend(snapshot, memory.scaling);
  const planned = plan(snapshot, scaled.recommendation, memory.planning);
  return { recommendation: scaled.recommendation, actions: planned.actions, memory: { scaling: scaled.memory, planning: planned.memory } };
}

/** Looks at the fleet. */
export async function observe(fleet: Fleet, cluster: ChatCluster, drainRequests: readonly string[], now: number): Promise<Snapshot> {
  return { now, cluster, revision: fleet.revision(), gateways: await fleet.list(), drainRequests };
}

/**
 * Applies actions in their order, as long as `mayAct` says so. When one that might have lowered a rate fails, those that might raise one are left for the
 * next round: else more connections could move than the budget allows (invariant I3).
 */
export async function act(fleet: Fleet, actions: readonly Action[], mayAct: () => boolean): Promise<string[]> {
  const failures: string[] = [];
  let ratesUnsure = false;
  for (const action of actions) {
    if (!mayAct()) {
      failures.push(`${action.kind} ${action.gateway}: another operator holds the lease`);
      break;
    }
    if (ratesUnsure && (action.kind === 'drain' || action.kind === 'shed')) continue;
    try {
      await fleet.apply(action);
    } catch (error) {
      failures.push(`${action.kind} ${action.gateway}: ${error instanceof Error ? error.message : String(error)}`);
      ratesUnsure ||= action.kind === 'drain' || action.kind === 'shed' || action.kind === 'uncordon';
    }
  }
  return failures;
}
