import type { ConnectCause, MigrateReason } from '../protocol/messages.ts';
import type { Transport } from './link.ts';

/**
 * - idle: `connect` has not been called.
 * - connecting: a connection is being opened.
 * - connected: a gateway serves this client.
 * - waiting: for the time of the next attempt (`backing-off`), for the network (`offline`), or until the page is seen or needs something
 *   (`hidden`). `code` says how the last connection ended.
 * - closed: by `close`, or because a gateway said that it would be of no use to come back. `connect` starts anew.
 */
export type ClientState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting'; readonly transport: Transport; readonly attempt: number }
  | { readonly kind: 'connected'; readonly transport: Transport; readonly gateway: string; readonly member: string }
  | {
      readonly kind: 'waiting';
      readonly reason: 'backing-off' | 'offline' | 'hidden';
      readonly code: number;
      /** Until the next attempt, ms; null when it waits for something to happen. */
      readonly nextAttemptInMs: number | null;
    }
  | { readonly kind: 'closed'; readonly code: number; readonly reason: string };

/** A connection on which every channel is subscribed came to be, or such a one ended. Two are open for a moment in a migration. */
export type ConnectionChange =
  | { readonly kind: 'opened'; readonly cause: ConnectCause; readonly transport: Transport; readonly gateway: string }
  | {
      readonly kind: 'closed';
      readonly cause: ConnectCause;
      readonly transport: Transport;
      readonly gateway: string;
      readonly code: number;
    };

/** The client moved from one gateway to another (or from long polling back to WebSocket) without an interruption. */
export interface Migrated {
  readonly reason: MigrateReason | 'upgrade';
  readonly from: string;
  readonly to: string;
  /** From the gateway's request until the new connection had taken over, ms. */
  readonly tookMs: number;
}
