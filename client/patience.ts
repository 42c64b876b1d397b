/** The least that a gateway has to answer in, ms: a packet may be lost twice. */
const LEAST_MS = 3_000;
/** How many times longer than usual it may take: gateways are busy when many come back. */
const TIMES = 8;

/**
 * How long to wait for a gateway to answer before the next try. Behind a balancer that has not noticed yet that a gateway is dead, a try may get no answer at
 * all, and the next one find another gateway: who has connected before knows how long that takes, and waits no longer than a multiple of it.
 * Each try that fails doubles the time, for the network may be another one now, or the gateways overloaded.
 */
export class Patience {
  readonly #mostMs: number;
  #usualMs: number | null = null;

  /** `mostMs`: the limit of the first connection, and of all. */
  constructor(mostMs: number) {
    this.#mostMs = mostMs;
  }

  /** A gateway answered after so long. */
  answered(ms: number): void {
    this.#usualMs = ms;
  }

  /** For a try after so many that failed in a row, ms. */
  limit(failures: number): number {
    if (this.#usualMs === null) return this.#mostMs;
    return Math.min(this.#mostMs, Math.max(LEAST_MS, TIMES * this.#usualMs) * 2 ** Math.min(failures, 10));
  }
}
