/** How many connections a gateway still admits in this second: what its own admission would say, so that others are asked before it refuses. */
export class AcceptBudget {
  readonly #ratePerSecond: number;
  #left: number;
  #at: number;

  /** `now`: a monotonic clock, ms. */
  constructor(ratePerSecond: number, now: number) {
    this.#ratePerSecond = ratePerSecond;
    this.#left = ratePerSecond;
    this.#at = now;
  }

  isSpent(now: number): boolean {
    this.#refill(now);
    return this.#left < 1;
  }

  /** Never below zero: a gateway that gets more than it admits refuses them, and owes nothing later. */
  spend(now: number): void {
    this.#refill(now);
    this.#left = Math.max(0, this.#left - 1);
  }

  #refill(now: number): void {
    this.#left = Math.min(this.#ratePerSecond, this.#left + ((now - this.#at) / 1000) * this.#ratePerSecond);
    this.#at = now;
  }
}
