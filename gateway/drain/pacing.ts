/** Time between two slots, ms: what is moved in a second is moved in so many small portions. */
export const SLOT_MS = 50;

/**
 * What one slot may count, ms. Timers come a little late, and what they are late by is not lost; but a process that stood still for
 * longer doesn't catch up, for that would be the burst that pacing is there to prevent.
 */
export const MAX_CREDITED_MS = 1.5 * SLOT_MS;

/**
 * The share of the rate that is used. Each portion's clients wait a random time within what its slot counted, so a second that begins and ends
 * in the middle of slots may see those of 1,150 ms in the worst case: 0.9 × 1.15 < 1.04. What is left up to 1.1 is for clients and networks that
 * stand still for a moment and then come together; and one more for the fraction.
 */
export const RATE_SHARE = 0.9;

/** One slot's portion. */
export interface Portion {
  /** Connections that may move now. */
  readonly count: number;
  /** The fraction of a connection for the next slot, below 1. */
  readonly credit: number;
  /** The portion's clients spread over this time, ms, so that they arrive elsewhere evenly. */
  readonly spreadMs: number;
}

/** The portion of a slot that comes `elapsedMs` after the one before. What a slot doesn't use is not kept, but for the fraction. */
export function portion(credit: number, ratePerSecond: number, elapsedMs: number): Portion {
  const countedMs = Math.min(Math.max(0, elapsedMs), MAX_CREDITED_MS);
  const total = credit + (ratePerSecond * RATE_SHARE * countedMs) / 1000;
  const count = Math.floor(total);
  return { count, credit: total - count, spreadMs: Math.floor(countedMs) };
}
