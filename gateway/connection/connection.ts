import type { CLOSE_CODES } from '../../protocol/close-codes.ts';
import type { Migrate } from '../../protocol/messages.ts';

/**
 * One client's connection as the rest of the gateway sees it, whatever its transport: an open WebSocket, or a long-polling
 * session that polled lately. It is in the ConnectionTable from its admission until it is closed.
 */
export interface Connection {
  /** Unique in this process. */
  readonly id: number;
  readonly transport: 'websocket' | 'longpoll';
  /** It was asked to move (or is being closed) and has not gone yet. Set by `migrate` and by `close`. */
  readonly migrating: boolean;

  /**
   * Asks the client to move. A client that doesn't know `migrate` is left alone here and closed by `close` at the deadline.
   * A held poll is simply answered with the message and leaves the table: the next poll goes elsewhere.
   */
  migrate(message: Migrate): void;

  /** Tells the client that the broker is degraded, or is so no more, unless it knows it. */
  degraded(degraded: boolean): void;

  /** Ends it with a code of the table; `retryAfterMs` goes into the close reason (JSON). */
  close(code: keyof typeof CLOSE_CODES, retryAfterMs?: number): void;
}
