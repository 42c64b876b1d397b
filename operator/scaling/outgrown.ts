import type { Sample } from '../snapshot.ts';
import { lineThrough } from './line.ts';

/** More than the highest by so many deviations is more than ever. */
const DEVIATIONS = 2;

/**
 * Whether there are more connections than ever in the samples before the last `recent`, of which there must be `enough`: neither noise does that, of which
 * these were full, nor people who come back after a failure. The deviation is from the line through them, so that a steady rise makes none.
 */
export function outgrown(
  samples: readonly Sample[],
  connections: number,
  { recent, enough }: { readonly recent: number; readonly enough: number },
): boolean {
  const earlier = samples.slice(0, samples.length - recent);
  if (earlier.length < enough) return false;
  const highest = earlier.reduce((most, sample) => Math.max(most, sample.connections), 0);
  return connections > highest + DEVIATIONS * (lineThrough(earlier)?.spread ?? 0);
}
