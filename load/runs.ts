/**
 * A set of whole numbers, kept as runs [from, to]. Numbers that come nearly in order make one run or a few,
 * so that the set of all that a client was delivered costs some bytes, not some megabytes.
 */
export class Runs {
  readonly #from: number[] = [];
  readonly #to: number[] = [];

  /** The highest number in it; `null` when it is empty. */
  get highest(): number | null {
    return this.#to.at(-1) ?? null;
  }

  has(n: number): boolean {
    const i = this.#runAtOrBefore(n);
    return i >= 0 && n <= (this.#to[i] as number);
  }

  /** Adds `n`; false when it was in already. */
  add(n: number): boolean {
    const i = this.#runAtOrBefore(n);
    if (i >= 0 && n <= (this.#to[i] as number)) return false;
    const joinsBefore = i >= 0 && this.#to[i] === n - 1;
    const joinsAfter = this.#from[i + 1] === n + 1;
    if (joinsBefore && joinsAfter) {
      this.#to[i] = this.#to[i + 1] as number;
      this.#from.splice(i + 1, 1);
      this.#to.splice(i + 1, 1);
    } else if (joinsBefore) this.#to[i] = n;
    else if (joinsAfter) this.#from[i + 1] = n;
    else {
      this.#from.splice(i + 1, 0, n);
      this.#to.splice(i + 1, 0, n);
    }
    return true;
  }

  /** The runs of what is not in it, from `from` to `to`, both included. */
  *holes(from: number, to: number): Generator<readonly [from: number, to: number]> {
    let next = from;
    for (let i = Math.max(0, this.#runAtOrBefore(from)); i < this.#from.length && next <= to; i++) {
      const start = this.#from[i] as number;
      if (start > next) yield [next, Math.min(start - 1, to)];
      next = Math.max(next, (this.#to[i] as number) + 1);
    }
    if (next <= to) yield [next, to];
  }

  #runAtOrBefore(n: number): number {
    const last = this.#from.length - 1;
    if (last < 0 || n >= (this.#from[last] as number)) return last;
    let low = 0;
    let high = last;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#from[middle] as number) <= n) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
