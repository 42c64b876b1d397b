import { setTimeout as sleep } from 'node:timers/promises';

/** Time, as the loop needs it; virtual in simulations and tests. */
export interface Clock {
  /** Wall clock, ms since 1970. */
  now(): number;
  /** Resolves after `ms`, or at once when the signal is aborted; never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The time of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
};
