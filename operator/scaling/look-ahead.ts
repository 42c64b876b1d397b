import type { Sample } from '../snapshot.ts';
import { lineThrough } from './line.ts';
import { outgrown } from './outgrown.ts';

/** Connections that are expected when a gateway that is ordered now will be ready. */
export interface Outlook {
  readonly connections: number;
  /** By how much they grow, a second. */
  readonly perSecond: number;
  /** In what time, ms. */
  readonly inMs: number;
}

/** The slope is looked for in so many of the last samples: few see a rise at once, many see a slow one. */
const LENGTHS = [5, 10, 20] as const;
/** It counts when it is so many standard errors large. */
const SIGNIFICANT = 5;
/** The connections must have outgrown what was before the last ten samples, at least as many: the growth is in those. */
const NEWS = { recent: 10, enough: 10 } as const;

/**
 * What the growth of the last seconds makes of the connections within `inMs`; `null` unless they truly grow: the slope is significant, and they are more than
 * they ever were in the samples before, so that neither noise counts nor people who come back after a failure. At most twice as many are expected.
 * `samples`: those before now, so that more connections now never make a lower outlook.
 */
export function lookAhead(samples: readonly Sample[], connections: number, inMs: number): Outlook | null {
  if (!outgrown(samples, connections, NEWS)) return null;
  const perSecond = Math.max(...LENGTHS.map((length) => growth(samples.slice(-length))));
  if (perSecond <= 0) return null;
  const grown = Math.min(connections, (perSecond * inMs) / 1_000);
  return { connections: connections + grown, perSecond, inMs };
}

/** Connections a second; 0 when it could as well be noise. */
function growth(samples: readonly Sample[]): number {
  const line = lineThrough(samples);
  return line !== null && line.slope > SIGNIFICANT * line.error ? line.slope : 0;
}
