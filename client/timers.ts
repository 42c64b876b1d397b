import type { Environment } from './environment.ts';

/** Timers that end together. */
export class Timers {
  readonly #env: Environment;
  readonly #timers = new Set<unknown>();

  constructor(env: Environment) {
    this.#env = env;
  }

  /** Runs it once, after `ms`; returns what prevents it. */
  after(ms: number, run: () => void): () => void {
    const timer = this.#env.setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
    return () => {
      this.#env.clearTimeout(timer);
      this.#timers.delete(timer);
    };
  }

  clear(): void {
    for (const timer of this.#timers) this.#env.clearTimeout(timer);
    this.#timers.clear();
  }
}
