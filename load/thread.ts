import type { Batch } from './observations.ts';
import type { LoadOptions } from './options.ts';

/** What a load thread is started with. */
export interface ThreadSettings {
  readonly run: string;
  readonly options: LoadOptions;
  /** This thread has the clients `thread`, `thread + threads`, `thread + 2 * threads` …, and gives its messages numbers likewise. */
  readonly thread: number;
  readonly threads: number;
  /** Monotonic clock at the run's beginning, ms: observations count from there. */
  readonly startedAt: number;
}

/** settle: connect no more newcomers, publish no more, read at full speed. end: close all, tell the last, stop. */
export type ToThread = { readonly kind: 'settle' } | { readonly kind: 'end' };

export type FromThread =
  /** `quiet`: it settles, and no publish waits for its acknowledgement. */
  | { readonly kind: 'batch'; readonly batch: Batch; readonly quiet: boolean }
  /** All is closed and told. */
  | { readonly kind: 'ended' };

/** Name of the channel with that number, in that run. */
export const channelName = (run: string, channel: number) => `load-${run}-${channel}`;

/** The channel of a client. */
export const channelOf = (client: number, channels: number) => client % channels;

/** Whether a client reads slowly: the slow ones are spread evenly. */
export function isSlow(client: number, { clients, slowClients }: LoadOptions): boolean {
  return Math.floor(((client + 1) * slowClients) / clients) > Math.floor((client * slowClients) / clients);
}
