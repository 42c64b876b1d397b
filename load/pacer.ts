/** Says how many events of a steady rate are due, whenever it is asked. */
export class Pacer {
  readonly #perMs: number;
  #last = 0;
  #owed = 0;

  constructor(ratePerSecond: number) {
    this.#perMs = ratePerSecond / 1000;
  }

  /**
   * Events due at `at` (ms since the beginning) since the last call. What was missed in a stall of more than a second is
   * left out, for made up at once it would be a burst that nobody asked for.
   */
  due(at: number): number {
    this.#owed += Math.min(at - this.#last, 1000) * this.#perMs;
    this.#last = at;
    const count = Math.floor(this.#owed);
    this.#owed -= count;
    return count;
  }
}
