import { emptyPlanningMemory } from '../planning/memory.ts';
import { emptyScalingMemory } from '../scaling/memory.ts';
import type { OperatorState } from '../snapshot.ts';
import { instantOf } from './instant.ts';
import type { ResourceState, ResourceStatus } from './resource-status.ts';

/** What of the operator's state stands in a ChatCluster's status. Not there: samples and the progress of a rollout, which begin anew; decisions, which stand beside it. */
export function stateToResource({ memory, drainRequests }: OperatorState): ResourceState {
  const { scaling, planning } = memory;
  return {
    lastOrdinal: planning.lastOrdinal,
    ...(scaling.desired !== null && { desired: scaling.desired }),
    ...(planning.desired !== null && { planned: planning.desired }),
    recommendations: scaling.recommendations.map(({ at, replicas }) => ({ at, replicas })),
    ...(scaling.changes.up.length + scaling.changes.down.length > 0 && { changes: scaling.changes }),
    ...(scaling.panic !== null && { panic: scaling.panic }),
    ...(scaling.starts.length > 0 && { starts: scaling.starts }),
    ...(drainRequests.length > 0 && { drainRequests: [...drainRequests] }),
    ...(planning.failedResumes !== null && { failedResumes: planning.failedResumes }),
    ...(planning.rebalanced !== null && { rebalanced: planning.rebalanced }),
  };
}

/**
 * The operator's state as a ChatCluster's status tells it, for an operator that begins at `now`; `null` when there is none. Recommendations count as made
 * now: they were not written each time that they were made, and so a scale-down waits rather too long than too short.
 */
export function stateFromResource(status: ResourceStatus, now: number): OperatorState | null {
  const { state } = status;
  if (state === undefined) return null;
  const { lastOrdinal, desired, planned, recommendations, changes, panic, starts, drainRequests, failedResumes, rebalanced } = state;
  return {
    memory: {
      scaling: {
        ...emptyScalingMemory(),
        desired: desired ?? null,
        recommendations: recommendations.map(({ replicas }) => ({ at: now, replicas })),
        ...(changes !== undefined && { changes }),
        ...(panic !== undefined && { panic }),
        ...(starts !== undefined && { starts }),
      },
      planning: {
        ...emptyPlanningMemory(),
        lastOrdinal,
        desired: planned ?? null,
        failedResumes: failedResumes ?? null,
        rebalanced: rebalanced ?? null,
      },
    },
    drainRequests: drainRequests ?? [],
    decisions: (status.decisions ?? []).map(({ time, kind, gateway, summary, reasons }) => ({
      at: instantOf(time) ?? now,
      kind,
      gateway: gateway ?? null,
      summary,
      reasons,
    })),
  };
}

/** Whether an operator that has `before` stored must save `after` before it acts on it. */
export function mustBeSaved(before: OperatorState | null, after: OperatorState): boolean {
  return before === null || JSON.stringify(vital(before)) !== JSON.stringify(vital(after));
}

function vital({ memory, drainRequests }: OperatorState): unknown {
  const { lastOrdinal, desired, rebalanced, failedResumes } = memory.planning;
  return [memory.scaling.desired, lastOrdinal, desired, rebalanced, failedResumes, drainRequests];
}
