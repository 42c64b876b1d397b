import type { Sample } from '../snapshot.ts';
import { lineThrough } from './line.ts';
import { outgrown } from './outgrown.ts';

/** Connections that are expected when a gateway that is ordered now will be ready, or earlier. */
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
/** In a rush, what was before the last two: of so few much must be known before. */
const NEWS_OF_A_RUSH = { recent: 2, enough: 18 } as const;

/**
 * What the growth of the last seconds makes of the connections within `inMs`; `null` unless they truly grow, to more than they ever were in the samples before,
 * so that neither noise counts nor people who come back after a failure. At most twice as many are expected.
 * `samples`: those before `now`. More connections now never make a lower outlook.
 */
export function lookAhead(samples: readonly Sample[], now: number, connections: number, inMs: number): Outlook | null {
  const growths = [growth(samples, connections, inMs), rush(samples, now, connections, inMs)].filter((each) => each !== null);
  const [most] = growths.sort((a, b) => added(b) - added(a));
  return most === undefined ? null : { connections: connections + Math.min(connections, added(most)), ...most };
}

type Growth = Omit<Outlook, 'connections'>;

const added = ({ perSecond, inMs }: Growth): number => (perSecond * inMs) / 1_000;

/** A slope that is significant is expected to last for all of the time. */
function growth(samples: readonly Sample[], connections: number, inMs: number): Growth | null {
  if (!outgrown(samples, connections, NEWS)) return null;
  const perSecond = Math.max(...LENGTHS.map((length) => slope(samples.slice(-length))));
  return perSecond > 0 ? { perSecond, inMs } : null;
}

/** Connections a second; 0 when it could as well be noise. */
function slope(samples: readonly Sample[]): number {
  const line = lineThrough(samples);
  return line !== null && line.slope > SIGNIFICANT * line.error ? line.slope : 0;
}

/** What rose twice in a row is expected to rise for as long again: a slope would be seen too late. */
function rush(samples: readonly Sample[], now: number, connections: number, inMs: number): Growth | null {
  const [first, second] = samples.slice(-2);
  if (first === undefined || second === undefined || first.at >= now) return null;
  if (!outgrown(samples, connections, NEWS_OF_A_RUSH)) return null;
  if (second.connections <= first.connections || connections <= second.connections) return null;
  const sinceMs = now - first.at;
  return { perSecond: ((connections - first.connections) * 1_000) / sinceMs, inMs: Math.min(inMs, sinceMs) };
}
