import type { Clock } from './clock.ts';

/** Ends a wait early. A call of `set` while nobody waits ends the next wait at once: no change is slept through. */
export class Wake {
  #isSet = false;
  #wake: (() => void) | null = null;

  set(): void {
    this.#isSet = true;
    this.#wake?.();
  }

  /** Resolves after `ms`, when `set` was called, or with the signal. */
  async wait(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
    if (!this.#isSet && !signal.aborted) {
      const early = new AbortController();
      this.#wake = () => early.abort();
      await clock.sleep(ms, AbortSignal.any([signal, early.signal]));
      this.#wake = null;
    }
    this.#isSet = false;
  }
}
