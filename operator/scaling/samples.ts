import type { Sample } from '../snapshot.ts';

/** Samples that are kept, and the least time between two, ms: rounds that something woke come closer. */
const KEPT = 60;
const LEAST_GAP_MS = 900;

/**
 * The samples and the one of now, unless the last was just before. They are dropped when the clock was set back, and when they are older than so many rounds
 * (`intervalMs` each) would make them.
 */
export function sampled(samples: readonly Sample[], sample: Sample, intervalMs: number): readonly Sample[] {
  const last = samples.at(-1);
  if (last === undefined || last.at > sample.at) return [sample];
  if (sample.at - last.at < Math.max(LEAST_GAP_MS, 0.9 * intervalMs)) return samples;
  const oldest = sample.at - KEPT * Math.max(1_000, intervalMs);
  const kept = samples.slice(1 - KEPT);
  const first = kept.findIndex(({ at }) => at > oldest);
  return [...(first > 0 ? kept.slice(first) : first === 0 ? kept : []), sample];
}
