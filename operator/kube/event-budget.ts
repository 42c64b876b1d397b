/** How many writes about one object are allowed: a handful at once, then one now and then. All by a monotonic clock, ms. */
export class EventBudget {
  readonly #burst: number;
  readonly #refillMs: number;
  readonly #spent = new Map<string, { tokens: number; at: number }>();

  constructor({ burst, refillMs }: { readonly burst: number; readonly refillMs: number }) {
    this.#burst = burst;
    this.#refillMs = refillMs;
  }

  /** Whether one more write about this object is allowed, which is then spent. */
  take(object: string, now: number): boolean {
    const bucket = this.#spent.get(object) ?? { tokens: this.#burst, at: now };
    const tokens = Math.min(this.#burst, bucket.tokens + (now - bucket.at) / this.#refillMs);
    this.#spent.set(object, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    return tokens >= 1;
  }

  /** Lets go of objects whose budget is whole again. */
  prune(now: number): void {
    for (const [object, { tokens, at }] of this.#spent) if (tokens + (now - at) / this.#refillMs >= this.#burst) this.#spent.delete(object);
  }
}
