import { MOVE_MS } from './mover.ts';
import { RATE_SHARE } from './pacing.ts';

/** The slowest that a gateway drains itself: there is no sense in making few connections wait. */
const LEAST_RATE = 10;
/** The most of its time that is kept for the last clients to go. */
const MOST_MARGIN = 0.25;

/** The rate, connections a second, at which a gateway with `connections` is empty within `timeoutMs`, with time left for the last ones to go. */
export function rateToEmpty(connections: number, timeoutMs: number): number {
  const marginMs = Math.min(MOVE_MS, timeoutMs * MOST_MARGIN);
  return Math.max(LEAST_RATE, connections / RATE_SHARE / (Math.max(1, timeoutMs - marginMs) / 1000));
}
