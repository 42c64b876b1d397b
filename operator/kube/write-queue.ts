import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff } from './backoff.ts';
import { KubeError } from './error.ts';
import type { Log } from './log.ts';
import { reasonOf } from './refusals.ts';

/** Writes that wait; more are not taken. */
const MOST_WAITING = 500;
/** With the waits between them about a minute, when the API server is away. */
const MOST_TRIES = 8;

/** Writes that nobody waits for, one after the other; while the API server is away for a short time, they wait for it. Never throws. */
export class WriteQueue {
  readonly #backoff: { readonly firstMs: number; readonly mostMs: number };
  readonly #log: Log;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  /** Aborted when nothing may wait any longer. */
  #hurry = new AbortController();

  constructor(backoff: { readonly firstMs: number; readonly mostMs: number }, log: Log) {
    this.#backoff = backoff;
    this.#log = log;
  }

  /** False when it is full. */
  add(write: () => Promise<void>): boolean {
    if (this.#waiting >= MOST_WAITING) return false;
    this.#waiting += 1;
    this.#last = this.#last.then(async () => {
      await this.#persist(write);
      this.#waiting -= 1;
    });
    return true;
  }

  /** Resolves when all is written, or could not be at once. */
  async flush(): Promise<void> {
    this.#hurry.abort();
    await this.#last;
    this.#hurry = new AbortController();
  }

  async #persist(write: () => Promise<void>): Promise<void> {
    const backoff = new Backoff(this.#backoff);
    for (let tries = 1; ; tries += 1) {
      try {
        await write();
        return;
      } catch (error) {
        const { kind, retryAfterMs } = error instanceof KubeError ? error : { kind: 'other', retryAfterMs: null };
        const passing = kind === 'unavailable' || kind === 'too-many-requests';
        if (!passing || tries >= MOST_TRIES || this.#hurry.signal.aborted) {
          // It was written by a try that got no answer; or it was cleared away since.
          if (kind !== 'already-exists' && kind !== 'not-found') this.#log.warn(reasonOf(error));
          return;
        }
        await sleep(backoff.next(retryAfterMs), undefined, { signal: this.#hurry.signal, ref: false }).catch(() => undefined);
      }
    }
  }
}
