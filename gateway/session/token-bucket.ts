/** Lets `perSecond` through in the long run, and `burst` at once. Costs two numbers and no timer. */
export class TokenBucket {
  #tokens: number;
  #at: number;

  /** `now`: monotonic, ms. */
  constructor(burst: number, now: number) {
    this.#tokens = burst;
    this.#at = now;
  }

  /** Takes one. Returns 0 when it may pass, else after how many ms one may. */
  take(perSecond: number, burst: number, now: number): number {
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#at) / 1000) * perSecond);
    this.#at = now;
    if (this.#tokens >= 1) {
      this.#tokens--;
      return 0;
    }
    return Math.ceil(((1 - this.#tokens) / perSecond) * 1000);
  }
}
