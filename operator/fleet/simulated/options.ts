import type { ChatCluster } from '../../api/spec.ts';
import type { Action } from '../fleet.ts';

/** How a new gateway behaves. */
export interface Behaviour {
  /** Until it is ready, ms; `null` for never. */
  readonly startupMs: number | null;
  /** Share of the clients that come back, or are moved to it, which it tells of a gap; 0 if not given. */
  readonly gapShare?: number;
  /** What it says of itself is of a look once a second, so long after the full second, ms; if not given, of now. */
  readonly lookedAtMs?: number;
}

/** What becomes of an action: done; failed without, or in spite of, its effect. */
export type Fate = 'done' | 'failed' | 'failed-after-effect';

export interface SimulatedFleetOptions {
  readonly cluster: ChatCluster;
  /** The same seed and calls give the same run. */
  readonly seed: number;
  /** Virtual wall clock at the beginning, ms. */
  readonly startAt?: number;
  readonly zones?: readonly string[];
  readonly behaviour?: (gateway: string, revision: string) => Behaviour;
  readonly fate?: (action: Action) => Fate;
  /** From asking a client to move until it has moved, ms. */
  readonly clientDelayMs?: number;
  /** What gateways tell of how much they do beside accepts and moves: messages a second for each connection. Without it they tell nothing of all that. */
  readonly load?: { readonly messagesPerConnection: number } | null;
  /** From `delete` until the process is gone, ms. */
  readonly stopMs?: number;
}

/** What happened since the beginning: counts of connections, and of gateways for `crashes`. */
export interface SimulatedTotals {
  /** Asked to move. */
  moved: number;
  /** Closed because their time to move, or their gateway's to drain, was over. */
  forced: number;
  /** Closed because their gateway was deleted, or killed. */
  closedByDelete: number;
  /** Refused for want of room; they try again. */
  refused: number;
  crashes: number;
}
