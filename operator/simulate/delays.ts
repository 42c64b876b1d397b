/** How long something took, ms. */
export interface Delay {
  readonly mean: number;
  readonly max: number;
}

/** Measures how long it takes from a beginning to its end, again and again. */
export class Delays {
  #since: number | null = null;
  #count = 0;
  #total = 0;
  #max = 0;

  /** It begins, unless it goes on already. */
  begin(at: number): void {
    this.#since ??= at;
  }

  /** It ends, if it goes on. */
  end(at: number): void {
    if (this.#since === null) return;
    this.#add(at - this.#since);
    this.#since = null;
  }

  /** All that ended, and what goes on as if it ended at `now`; without `now` it doesn't count. `null` when there was none. */
  summary(now?: number): Delay | null {
    const open = this.#since !== null && now !== undefined ? now - this.#since : null;
    const count = this.#count + (open === null ? 0 : 1);
    return count === 0 ? null : { mean: (this.#total + (open ?? 0)) / count, max: Math.max(this.#max, open ?? 0) };
  }

  #add(ms: number): void {
    this.#count += 1;
    this.#total += ms;
    this.#max = Math.max(this.#max, ms);
  }
}
