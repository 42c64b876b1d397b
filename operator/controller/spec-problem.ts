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
}

/** A status that tells of the problem too. `previous`: the one that stands there. */
export function withProblem(status: ResourceStatus, previous: ResourceStatus | null, problem: SpecProblem, now: number): ResourceStatus {
  const others = (status.conditions ?? []).filter(({ type }) => type !== 'Degraded');
  return { ...status, observedGeneration: problem.generation, conditions: [...others, degraded(previous, problem, now)] };
}

/** The status of a ChatCluster that nothing else is known of now. */
export function problemAlone(previous: ResourceStatus | null, problem: SpecProblem, now: number): ResourceStatus {
  return withProblem(previous ?? {}, previous, problem, now);
}

function degraded(previous: ResourceStatus | null, { reason, message, generation }: SpecProblem, now: number): ResourceCondition {
  const before = previous?.conditions?.find(({ type }) => type === 'Degraded');
  const lastTransitionTime = before?.status === 'True' ? before.lastTransitionTime : timeText(now);
  return { type: 'Degraded', status: 'True', reason, message, lastTransitionTime, observedGeneration: generation };
}
