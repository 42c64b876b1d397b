import type { PrometheusSpec } from '../../api/spec.ts';
import type { Measured, MetricReading } from './measured.ts';

/** A value is fresh when no question has failed since, and no more than so many could have been asked. */
const MOST_ROUNDS = 3;

/** What a query's answers tell. `lastMs`: for how long the last good one counts when there is no new one. */
export function measureReading(
  reading: MetricReading | undefined,
  { intervalMs, timeoutMs }: Pick<PrometheusSpec, 'intervalMs' | 'timeoutMs'>,
  now: number,
  lastMs: number,
): Measured {
  if (reading === undefined) return { kind: 'old', value: null, at: now, problem: 'Prometheus is not asked' };
  const { good, askedSince } = reading;
  // The clock may have been set back.
  const at = Math.min(now, good?.at ?? askedSince);
  const isFresh = now - at <= MOST_ROUNDS * intervalMs + timeoutMs;
  if (good !== null && reading.problem === null && isFresh) return { kind: 'known', low: good.value, high: good.value, at, remark: null };
  if (good === null && reading.problem === null && isFresh) return { kind: 'too-early', why: 'Prometheus has not answered yet' };
  const problem = reading.problem ?? 'Prometheus was not asked for too long';
  if (now - at > lastMs) return { kind: 'missing', problem };
  return { kind: 'old', value: good?.value ?? null, at, problem };
}
