import type { CLOSE_CODES } from '../../protocol/close-codes.ts';
import type { Outlet } from '../channels/subscription.ts';

/** What a session needs of the connection that carries it. What it is given is written in that order, frames of channels included. */
export interface Transport extends Outlet {
  /** Unique among all connections of all gateways. */
  readonly connectionId: string;
  /** Takes one server message, JSON. */
  send(text: string): void;
  /** Takes one that need not be heard at once: a held poll isn't answered for its sake. */
  note(text: string): void;
  /** Ends the connection after what it was given. */
  close(code: keyof typeof CLOSE_CODES, retryAfterMs?: number): void;
  /** The session has answered all that it was asked so far, or has come nearer to it. */
  settled(): void;
}
