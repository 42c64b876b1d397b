/** Ids that are kept of a channel. */
const KEPT = 2_048;

/**
 * The ids of a channel's newest messages, so that none is given to the application twice.
 *
 * Positions see to that on one line of the history. When a broker has lost its tail, a publisher whose message was in it, and not yet acknowledged,
 * publishes it again: it comes once more, on the new line, at a position that was never seen. The gap before it tells that this may happen.
 */
export class RecentIds {
  /** A ring. */
  readonly #ids: string[] = [];
  #next = 0;
  /** Those from before the last gap; null: none may come again. */
  #suspects: Set<string> | null = null;

  /** Takes in the next message's id. False when it was seen before a gap, and is not for the application. */
  take(id: string): boolean {
    const suspects = this.#suspects;
    if (suspects !== null) {
      if (suspects.has(id)) return false;
      this.#forget(suspects);
    }
    this.#ids[this.#next] = id;
    this.#next = (this.#next + 1) % KEPT;
    return true;
  }

  /** Whether it is among those that are kept. */
  has(id: string): boolean {
    return this.#ids.includes(id);
  }

  /** A gap was told: what was seen so far may come again. */
  gap(): void {
    if (this.#ids.length > 0) this.#suspects = new Set(this.#ids);
  }

  /** The oldest id makes place for the next. */
  #forget(suspects: Set<string>): void {
    const oldest = this.#ids[this.#next];
    if (oldest === undefined) return;
    suspects.delete(oldest);
    if (suspects.size === 0) this.#suspects = null;
  }
}
