import { timeText } from '../status/instant.ts';
import type { ResourceCondition, ResourceStatus } from '../status/resource-status.ts';

/** Why the spec as it stands, or what it needs, can't be had. */
export interface SpecProblem {
  /** One word for programs. */
  readonly reason: string;
  /** What is wrong and what to do, for people. */
  readonly message: string;
  /** The `metadata.generation` of that spec. */
  readonly generation: number;
  /** Nothing is decided until it is put right, for no valid spec is known. */
  readonly holds: boolean;
}

/** A status that tells of the problem too. `previous`: the one that stands there. */
export function withProblem(status: ResourceStatus, previous: ResourceStatus | null, problem: SpecProblem, now: number): ResourceStatus {
  const told = conditionsOf(previous, problem, now);
  const others = (status.conditions ?? []).filter(({ type }) => told.every((condition) => condition.type !== type));
  return { ...status, observedGeneration: problem.generation, conditions: [...others, ...told] };
}

/** The status of a ChatCluster that nothing else is known of now. */
export function problemAlone(previous: ResourceStatus | null, problem: SpecProblem, now: number): ResourceStatus {
  return withProblem(previous ?? {}, previous, problem, now);
}

function conditionsOf(previous: ResourceStatus | null, problem: SpecProblem, now: number): readonly ResourceCondition[] {
  const { reason, message, generation: observedGeneration, holds } = problem;
  const told = [...(holds ? ([['ScalingActive', 'False']] as const) : []), ['Degraded', 'True'] as const];
  return told.map(([type, status]) => {
    const before = previous?.conditions?.find((condition) => condition.type === type);
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : timeText(now);
    return { type, status, reason, message, lastTransitionTime, observedGeneration };
  });
}
