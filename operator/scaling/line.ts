import type { Sample } from '../snapshot.ts';

/** The straight line that fits samples best (least squares). */
export interface Line {
  /** Connections a second. */
  readonly slope: number;
  /** The standard error of the slope. */
  readonly error: number;
  /** How far the samples are from it, as a standard deviation. */
  readonly spread: number;
}

/** `null` for fewer than three samples, or all of one moment. */
export function lineThrough(samples: readonly Sample[]): Line | null {
  const n = samples.length;
  const last = samples.at(-1);
  if (n < 3 || last === undefined) return null;
  let [sumX, sumY] = [0, 0];
  for (const { at, connections } of samples) {
    sumX += at - last.at;
    sumY += connections;
  }
  const [meanX, meanY] = [sumX / n, sumY / n];
  let [xx, xy, yy] = [0, 0, 0];
  for (const { at, connections } of samples) {
    const [x, y] = [(at - last.at - meanX) / 1_000, connections - meanY];
    xx += x * x;
    xy += x * y;
    yy += y * y;
  }
  if (xx === 0) return null;
  const slope = xy / xx;
  const spread = Math.sqrt(Math.max(0, yy - slope * xy) / (n - 2));
  return { slope, error: spread / Math.sqrt(xx), spread };
}
