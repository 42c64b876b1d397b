import { type Broker, BrokerUnavailable } from '../broker/broker.ts';
import type { Counters } from '../counters.ts';
import type { Latency } from '../latency.ts';
import type { Logger } from '../logger.ts';
import type { Flusher } from './flusher.ts';
import type { TailBudget, TailLimits } from './tail.ts';

/** What all channels of a hub share. */
export interface HubContext {
  readonly broker: Broker;
  readonly counters: Counters;
  readonly flusher: Flusher;
  readonly latency: Latency;
  readonly log: Logger;
  readonly tail: TailLimits;
  readonly budget: TailBudget;
  /** Messages asked of the broker in one read. */
  readonly pageMessages: number;
  /** Monotonic, ms. */
  readonly now: () => number;
  /** Wall clock, ms since 1970. */
  readonly wallClock: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Aborted when the hub closes. */
  readonly signal: AbortSignal;
}

/** Waits `ms`, less when the signal is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}

/** Logs that the broker could not do something. An outage concerns every channel, so it is no news from each of them. */
export function logFailure({ log }: HubContext, channel: string, error: unknown, what: string): void {
  if (error instanceof BrokerUnavailable) log.debug({ channel, error: error.message }, what);
  else log.error({ channel, err: error }, what);
}
