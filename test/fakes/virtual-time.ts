interface Timer {
  readonly id: number;
  readonly at: number;
  readonly run: () => void;
}

/** A clock that stands still until it is advanced, with its timers. */
export class VirtualTime {
  #now = 0;
  #ids = 0;
  readonly #timers = new Map<number, Timer>();

  now(): number {
    return this.#now;
  }

  /** Timers that are set. */
  get pending(): number {
    return this.#timers.size;
  }

  setTimeout(run: () => void, ms: number): number {
    const id = ++this.#ids;
    this.#timers.set(id, { id, at: this.#now + Math.max(0, ms), run });
    return id;
  }

  clearTimeout(id: unknown): void {
    this.#timers.delete(id as number);
  }

  /** Lets `ms` pass: runs what is due, each in its turn, and what follows from it. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    for (let timer = this.#next(end); timer !== null; timer = this.#next(end)) {
      this.#timers.delete(timer.id);
      this.#now = Math.max(this.#now, timer.at);
      timer.run();
      await settled();
    }
    this.#now = end;
  }

  #next(end: number): Timer | null {
    let next: Timer | null = null;
    for (const timer of this.#timers.values()) if (timer.at <= end && (next === null || timer.at < next.at)) next = timer;
    return next;
  }
}

/** Until all promises that can go on have gone on. */
export const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
