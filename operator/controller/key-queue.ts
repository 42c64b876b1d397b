/** Failed work is tried again after this time, twice as long at each further failure, ms. */
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
/** Keys worked on at the same time. */
const CONCURRENCY = 8;

export interface KeyQueueOptions {
  /** Does what a key needs now. Resolves to the time until it wants to be asked again, ms, or to `null`. */
  readonly work: (key: string) => Promise<number | null>;
  /** Is told of work that failed; it will be done again. */
  readonly problem: (key: string, error: unknown) => void;
  /** From 0 to 1, so that what failed together isn't tried again together. */
  readonly random: () => number;
}

/**
 * Work by key: never two at once for the same key, a key that is added while it is worked on is worked on once more, and what failed is tried again
 * after a while.
 */
export class KeyQueue {
  readonly #options: KeyQueueOptions;
  readonly #waiting = new Set<string>();
  readonly #busy = new Map<string, Promise<void>>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #failures = new Map<string, number>();
  #stopped = false;

  constructor(options: KeyQueueOptions) {
    this.#options = options;
  }

  /** Has a key worked on soon. */
  add(key: string): void {
    if (this.#stopped) return;
    this.#waiting.add(key);
    this.#next();
  }

  /** Takes no more; resolves when what is worked on is done. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting.clear();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    await Promise.all(this.#busy.values());
  }

  #next(): void {
    for (const key of this.#waiting) {
      if (this.#busy.size >= CONCURRENCY) return;
      if (this.#busy.has(key)) continue;
      this.#waiting.delete(key);
      this.#busy.set(key, this.#work(key));
    }
  }

  async #work(key: string): Promise<void> {
    // A turn later, so that `add` never runs work itself.
    await Promise.resolve();
    const againMs = await this.#outcome(key);
    this.#busy.delete(key);
    if (this.#stopped) return;
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
    if (againMs !== null) this.#timers.set(key, setTimeout(() => this.add(key), againMs).unref());
    this.#next();
  }

  async #outcome(key: string): Promise<number | null> {
    try {
      const againMs = await this.#options.work(key);
      this.#failures.delete(key);
      return againMs;
    } catch (error) {
      const failures = (this.#failures.get(key) ?? 0) + 1;
      this.#failures.set(key, failures);
      if (!this.#stopped) this.#options.problem(key, error);
      return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1)) * (0.5 + this.#options.random() / 2);
    }
  }
}
