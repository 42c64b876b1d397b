import { hash } from 'node:crypto';
import { seededRandom } from '../../load/random.ts';

/** Chance that a seed and a name repeat. Two draws with different names know nothing of each other. */
export class Draw {
  readonly #seed: number;
  readonly #name: string;
  readonly #random: () => number;

  constructor(seed: number, name: string) {
    this.#seed = seed;
    this.#name = name;
    this.#random = seededRandom(Number.parseInt(hash('sha1', `${seed}/${name}`).slice(0, 8), 16));
  }

  /** A draw for a part of what this one is for. */
  part(name: string): Draw {
    return new Draw(this.#seed, `${this.#name}/${name}`);
  }

  /** In [0, 1). */
  fraction(): number {
    return this.#random();
  }

  between(low: number, high: number): number {
    return low + this.#random() * (high - low);
  }

  /** A whole number of `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.#random() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  /** Undefined when there is nothing to choose from. */
  pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(this.#random() * from.length)];
  }

  /** Each as often as its weight says. */
  weighted<T>(from: readonly T[], weightOf: (one: T) => number): T | undefined {
    let left = this.#random() * from.reduce((sum, one) => sum + weightOf(one), 0);
    for (const one of from) {
      left -= weightOf(one);
      if (left < 0) return one;
    }
    return from.at(-1);
  }

  /** A time until the next of events that come at random, `mean` apart on average. */
  exponential(mean: number): number {
    return -Math.log(1 - this.#random()) * mean;
  }
}
