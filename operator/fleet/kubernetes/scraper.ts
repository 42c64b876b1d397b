/** Whoever is to be asked again and again. */
export interface Scraped {
  /** Never rejects. */
  scrape(): Promise<void>;
  /** It is asked more often, so that it is known soon when it is ready. */
  readonly isStarting: boolean;
}

export interface ScraperOptions {
  /** From one question to the next, ms; a tenth more or less at random, to the nearest tick. */
  readonly intervalMs: number;
  /** Questions that may be under way at once; the rest wait. */
  readonly most: number;
}

/** How much sooner those that start are asked again. */
const STARTING_SHARE = 4;
/** Questions begin at multiples of this time, ms: a process that wakes up for each of a thousand gateways spends more on waking up than on asking. */
const TICK_MS = 50;

/** Asks each of many how it is, all the time: spread over the interval, so that neither we nor they get all at once. */
export class Scraper<T extends Scraped> {
  readonly #options: ScraperOptions;
  readonly #timers = new Map<T, NodeJS.Timeout>();
  readonly #due = new Set<T>();
  #asking = 0;

  constructor(options: ScraperOptions) {
    this.#options = options;
  }

  /** Asks it soon for the first time, and then on. */
  add(one: T): void {
    this.#askAfter(one, 0);
  }

  /** Asks it at once, whenever it was asked last. */
  hasten(one: T): void {
    if (this.#timers.has(one)) this.#askAfter(one, 0);
  }

  remove(one: T): void {
    clearTimeout(this.#timers.get(one));
    this.#timers.delete(one);
    this.#due.delete(one);
  }

  stop(): void {
    for (const one of [...this.#timers.keys()]) this.remove(one);
  }

  #askAfter(one: T, ms: number): void {
    clearTimeout(this.#timers.get(one));
    this.#timers.set(
      one,
      setTimeout(() => {
        this.#due.add(one);
        this.#askDue();
      }, untilTick(ms)),
    );
  }

  #askDue(): void {
    for (const one of this.#due) {
      if (this.#asking >= this.#options.most) return;
      this.#due.delete(one);
      this.#asking++;
      const { intervalMs } = this.#options;
      this.#askAfter(one, (one.isStarting ? intervalMs / STARTING_SHARE : intervalMs) * (0.9 + Math.random() / 5));
      void one.scrape().finally(() => {
        this.#asking--;
        this.#askDue();
      });
    }
  }
}

/** The time until the tick of this process that is nearest to what is in `ms`, ms; 0 stays 0. */
function untilTick(ms: number): number {
  const now = performance.now();
  return ms === 0 ? 0 : Math.round((now + ms) / TICK_MS) * TICK_MS - now;
}
