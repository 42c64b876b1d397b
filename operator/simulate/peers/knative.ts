import type { ScalingSpec } from '../../api/spec.ts';
import type { Random } from '../random.ts';

/** `tick-interval`, ms. */
export const TICK_MS = 2_000;
/** `stable-window`. */
export const STABLE_WINDOW_S = 60;
/** `panic-window-percentage`: 10 % of the stable window. */
export const PANIC_WINDOW_S = 6;
/** `panic-threshold-percentage`: 200. */
const PANIC_THRESHOLD = 2;
const MAX_SCALE_UP_RATE = 1_000;
const MAX_SCALE_DOWN_RATE = 2;

/** What the Knative Pod Autoscaler must remember. */
export interface KpaMemory {
  /** When the connections were last over the panic threshold, ms; `null` outside of panic. */
  readonly panicAt: number | null;
  /** The most that was wanted in this panic. */
  readonly mostInPanic: number;
}

/** It begins in panic with what there is, so that it doesn't scale down before its windows are full. */
export function begunKpa(now: number, ready: number): KpaMemory {
  return ready > 1 ? { panicAt: now, mostInPanic: ready } : { panicAt: null, mostInPanic: 0 };
}

/** Averages over the windows; `null` while there is no measurement. */
export interface Observed {
  readonly stable: number;
  readonly panic: number;
}

/**
 * How many Pods the Knative Pod Autoscaler wants. The rule: knative/serving, pkg/autoscaler/scaling/autoscaler.go, Scale, with the defaults of
 * config/core/configmaps/autoscaler.yaml: ceil(average over the stable window / target), at most 1,000 times and at least half of the ready Pods; when the
 * average over the panic window asks for twice the ready Pods, the higher of the two counts and nothing is taken away until a stable window after that.
 */
export function kpa(
  input: {
    readonly now: number;
    readonly ready: number;
    readonly observed: Observed | null;
    readonly target: number;
    readonly limits: Pick<ScalingSpec, 'minReplicas' | 'maxReplicas'>;
    /** As many as there should be so far: they stay while nothing is measured. */
    readonly replicas: number;
  },
  memory: KpaMemory,
): { readonly replicas: number; readonly memory: KpaMemory } {
  const { now, observed, target, limits } = input;
  if (observed === null) return { replicas: input.replicas, memory };
  const ready = Math.max(1, input.ready);
  const paced = (wanted: number) =>
    Math.min(Math.max(wanted, Math.floor(ready / MAX_SCALE_DOWN_RATE)), Math.ceil(MAX_SCALE_UP_RATE * ready));
  const forPanic = Math.ceil(observed.panic / target);
  const isOver = forPanic / ready >= PANIC_THRESHOLD;
  const calm = memory.panicAt !== null && memory.panicAt + STABLE_WINDOW_S * 1_000 < now;
  const panicAt = isOver ? now : calm ? null : memory.panicAt;
  const stable = paced(Math.ceil(observed.stable / target));
  const mostInPanic = panicAt === null ? 0 : Math.max(memory.mostInPanic, stable, paced(forPanic));
  const wanted = panicAt === null ? stable : mostInPanic;
  return {
    replicas: Math.min(limits.maxReplicas, Math.max(limits.minReplicas, wanted)),
    memory: { panicAt, mostInPanic },
  };
}

/** 1.96² × 100 / 5²: 95 % confidence, a variance of 100, a margin of 5. */
const SAMPLES_OF_MANY = (1.96 * 1.96 * 100) / 25;

/** How many of so many Pods are asked, 16 at most. The rule: knative/serving, pkg/autoscaler/metrics/sample_size.go, populationMeanSampleSize. */
export function sampleSize(pods: number): number {
  return pods <= 3 ? Math.max(0, pods) : Math.ceil((pods * SAMPLES_OF_MANY) / (pods + SAMPLES_OF_MANY - 1));
}

/** A Pod that can be asked. */
export interface AskedPod {
  readonly connections: number;
  /** When it was ready, ms. */
  readonly readyAt: number;
}

/**
 * The connections of all Pods, judged from a sample; `null` without Pods. The rule: knative/serving, pkg/autoscaler/metrics/stats_scraper.go, scrapePods:
 * Pods older than the stable window at random, younger ones only where those are too few; their average × all Pods.
 */
export function sampledTotal(pods: readonly AskedPod[], now: number, random: Random): number | null {
  if (pods.length === 0) return null;
  const isOld = ({ readyAt }: AskedPod) => now - readyAt >= STABLE_WINDOW_S * 1_000;
  const size = sampleSize(pods.length);
  const old = pods.filter(isOld);
  const sample =
    old.length >= size
      ? drawn(old, size, random)
      : [
          ...old,
          ...drawn(
            pods.filter((pod) => !isOld(pod)),
            size - old.length,
            random,
          ),
        ];
  return (sample.reduce((sum, { connections }) => sum + connections, 0) / size) * pods.length;
}

/** So many of them, each at most once. */
function drawn<T>(from: readonly T[], count: number, random: Random): readonly T[] {
  const left = [...from];
  const taken: T[] = [];
  while (taken.length < count && left.length > 0) {
    const i = Math.floor(random.next() * left.length);
    const last = left.pop() as T;
    const one = i < left.length ? (left[i] as T) : last;
    if (i < left.length) left[i] = last;
    taken.push(one);
  }
  return taken;
}
