import type { ErrorCode, ErrorMessage } from '../protocol/messages.ts';

/**
 * The codes of the protocol, and those that the client itself gives:
 * - `closed`: the client was closed, or gave up, before it was done.
 * - `outbox-full`: too much waits to be sent; try again when some of it has been.
 * - `too-big`: the data is larger than the gateway takes.
 * - `bad-data`: the data can't be written as JSON.
 * - `outcome-unknown`: the message was sent, but for so long no acknowledgement could be had that the servers may not know its id any more;
 *   it was stored once, or not at all.
 * - `timeout`: no answer came in time.
 * - `unsubscribed`: the channel was left before the answer came.
 */
export type ClientErrorCode =
  | ErrorCode
  | 'closed'
  | 'outbox-full'
  | 'too-big'
  | 'bad-data'
  | 'outcome-unknown'
  | 'timeout'
  | 'unsubscribed';

/** Why a publish, a subscribe or a request failed. */
export class ChatError extends Error {
  override readonly name = 'ChatError';
  readonly code: ClientErrorCode;

  constructor(code: ClientErrorCode, message: string) {
    super(message);
    this.code = code;
  }

  static from({ code, message }: ErrorMessage): ChatError {
    return new ChatError(code, message);
  }
}
