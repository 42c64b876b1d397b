import type { ChatCluster, ScalingSpec } from '../../api/spec.ts';
import { behave } from '../../scaling/behave.ts';
import type { ScalingMemory } from '../../snapshot.ts';

/** A Pod as HPA's replica calculator sorts it. Those that are being deleted are left out before. */
export interface MeasuredPod {
  /** Not running yet. */
  readonly pending: boolean;
  /** What it was last measured at; `null` when there is no measurement. */
  readonly value: number | null;
}

/** Below this change of the ratio nothing is done: `--horizontal-pod-autoscaler-tolerance`. */
export const TOLERANCE = 0.1;
/** `--horizontal-pod-autoscaler-sync-period`, ms. */
export const SYNC_MS = 15_000;

/**
 * How many Pods a metric of type Pods with a target AverageValue asks for; `null` when nothing is measured, for then HPA does nothing.
 * The rule: kubernetes/kubernetes, pkg/controller/podautoscaler/replica_calculator.go, calcPlainMetricReplicas: ceil(average / target × Pods), nothing within
 * the tolerance; a Pod without a measurement counts as 0 for a scale-up and as on target for a scale-down, a pending one as 0 for a scale-up; where that
 * turns the direction round, nothing is done.
 */
export function podsMetricReplicas(pods: readonly MeasuredPod[], replicas: number, target: number): number | null {
  const running = pods.filter((pod) => !pod.pending);
  const values = running.flatMap(({ value }) => (value === null ? [] : [value]));
  if (values.length === 0) return null;
  const pending = pods.length - running.length;
  const missing = running.length - values.length;
  const ratio = average(values) / target;
  const countsPending = pending > 0 && ratio > 1;
  if (!countsPending && missing === 0) return isNear(ratio) ? replicas : ceil(ratio * values.length);
  const assumed = [...values, ...repeated(missing, ratio < 1 ? target : 0), ...repeated(countsPending ? pending : 0, 0)];
  const corrected = average(assumed) / target;
  if (isNear(corrected) || (ratio < 1 && corrected > 1) || (ratio > 1 && corrected < 1)) return replicas;
  const wanted = ceil(corrected * assumed.length);
  const turns = (corrected < 1 && wanted > replicas) || (corrected > 1 && wanted < replicas);
  return turns ? replicas : wanted;
}

/**
 * How many Pods an external metric with a target AverageValue asks for, as KEDA's are. The rule: the same file, GetExternalPerPodMetricReplicas:
 * ceil(value / target), nothing within the tolerance of what there are.
 */
export function externalMetricReplicas(value: number, replicas: number, target: number): number {
  if (replicas > 0 && isNear(value / (target * replicas))) return replicas;
  return ceil(value / target);
}

/** What HPA's behaviour must remember. */
export type HpaMemory = Pick<ScalingMemory, 'recommendations' | 'changes'>;

export const emptyHpaMemory: HpaMemory = { recommendations: [], changes: { up: [], down: [] } };

/** `behavior` when nobody says another: autoscaling/v2, HorizontalPodAutoscalerBehavior. */
const DEFAULT_BEHAVIOR: Pick<ScalingSpec, 'scaleUp' | 'scaleDown'> = {
  scaleUp: {
    stabilizationMs: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodMs: 15_000 },
      { type: 'Percent', value: 100, periodMs: 15_000 },
    ],
    tolerance: null,
  },
  scaleDown: {
    stabilizationMs: 300_000,
    selectPolicy: 'Max',
    policies: [{ type: 'Percent', value: 100, periodMs: 15_000 }],
    tolerance: null,
  },
};

/**
 * From what a metric asks for to the new number, once in a sync, with the default `behavior`: no fewer than the most that was asked for in five minutes; up
 * by 4 Pods or 100 %, whichever is more; down by anything. Decided by the piece that gives HPA's own results for `spec.scaling.behavior`.
 */
export function hpaBehaviour(
  {
    cluster,
    now,
    replicas,
    wanted,
  }: { readonly cluster: ChatCluster; readonly now: number; readonly replicas: number; readonly wanted: number },
  memory: HpaMemory,
): { readonly replicas: number; readonly memory: HpaMemory } {
  const { spec } = cluster;
  const likeHpa: ChatCluster = {
    ...cluster,
    spec: { ...spec, scaling: { ...spec.scaling, ...DEFAULT_BEHAVIOR } },
    controls: { paused: { up: false, down: false }, rebalance: null, removing: false },
  };
  const { desired, memory: next } = behave(likeHpa, { current: replicas, wanted, now }, memory);
  return { replicas: desired, memory: next };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function repeated(count: number, value: number): readonly number[] {
  return new Array<number>(count).fill(value);
}

/** Fractions are a hair off: Kubernetes counts in thousandths. */
const ROUNDING = 1e-9;

function isNear(ratio: number): boolean {
  return Math.abs(1 - ratio) <= TOLERANCE + ROUNDING;
}

function ceil(value: number): number {
  return Math.max(0, Math.ceil(value - ROUNDING));
}
