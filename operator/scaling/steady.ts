import type { Sample } from '../snapshot.ts';
import { outgrown } from './outgrown.ts';

/** Noise is told from samples of the last 15 s; from fewer than five (the present one included) it can't be. */
const WINDOW_MS = 15_000;
const ENOUGH = 5;
/** What is above the mean of the last samples (the highest, of too few) by so large a share is no noise: people do come. */
const SHARE = 0.25;
/** What was before the last two samples tells how much noise there is; after so many samples it is known. */
const NEWS = { recent: 2, enough: 18 } as const;

/**
 * How many of the present connections are no noise, for a scale-up: all of them when they are far above what there was in the last seconds, or above all that
 * the noise ever made of it, else no more than their mean (the lowest, while there are too few samples). Never more than there are. `samples`: those before.
 */
export function steady(samples: readonly Sample[], now: number, connections: number): number {
  if (outgrown(samples, connections, NEWS)) return connections;
  let [before, sum, lowest, highest] = [0, 0, connections, 0];
  for (let i = samples.length - 1; i >= 0; i--) {
    const sample = samples[i];
    if (sample === undefined || sample.at <= now - WINDOW_MS) break;
    if (sample.at >= now) continue;
    before += 1;
    sum += sample.connections;
    lowest = Math.min(lowest, sample.connections);
    highest = Math.max(highest, sample.connections);
  }
  const isEnough = before + 1 >= ENOUGH;
  if (connections > (1 + SHARE) * (isEnough ? sum / before : highest)) return connections;
  return isEnough ? Math.min(connections, (sum + connections) / (before + 1)) : lowest;
}
