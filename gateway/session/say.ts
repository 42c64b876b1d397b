import type { ErrorCode, ErrorMessage, ServerMessage } from '../../protocol/messages.ts';

/** JSON of a server message. */
export function say(message: ServerMessage): string {
  return JSON.stringify(message);
}

/** What an error was about. */
export interface About {
  readonly channel?: string;
  readonly id?: string;
}

/** An error that lasts: the same message would be refused again. */
export function refusal(code: ErrorCode, message: string, { channel, id }: About = {}): ErrorMessage {
  return {
    type: 'error',
    code,
    message,
    retryable: false,
    ...(channel === undefined ? null : { channel }),
    ...(id === undefined ? null : { id }),
  };
}

/** An error that passes: the same message may be sent again after `retryAfterMs`. */
export function later(code: ErrorCode, message: string, retryAfterMs: number, about: About = {}): ErrorMessage {
  return { ...refusal(code, message, about), retryable: true, retryAfterMs: Math.ceil(retryAfterMs) };
}
