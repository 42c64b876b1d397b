import type { Connected, ServerMessage } from '../protocol/messages.ts';
import type { LinkEnd } from './backoff.ts';

export type Transport = 'websocket' | 'longpoll';

/** One connection to a gateway, whatever carries it. Messages go through it as JSON texts. */
export interface Link {
  readonly transport: Transport;
  /** Opens it. A link is used once. */
  start(): void;
  /** Says it. Only after `opened`. */
  send(text: string): void;
  /** Says a subscribe or unsubscribe. Where each poll names its channels, it polls anew instead. */
  sendSubscription(text: string): void;
  /** Takes in what the gateway said of itself. */
  adapt(connected: Connected): void;
  /** Finds out soon whether the other side lives. */
  probe(): void;
  /** Ends it, as if it had been lost, and tells the listener. */
  fail(code: number, reason: string): void;
  /** Ends it; the listener hears nothing any more. */
  close(): void;
}

/** Who uses a link. */
export interface LinkListener {
  /** Every channel's stream is live. */
  readonly ready: boolean;
  /** The text of the connect message. */
  connectText(): string;
  /** The texts of all subscribes, from our positions; what the link delivers from now on answers these. */
  subscribeTexts(): string[];
  /** It can be sent to: the WebSocket is open (nothing has been said yet), or the first poll was answered. */
  opened(): void;
  heard(message: ServerMessage): void;
  /** It is over; told once, and nothing after it. */
  ended(end: LinkEnd): void;
}

/** Reads a text of a gateway; null when it is no message. */
export function decode(text: unknown): ServerMessage | null {
  if (typeof text !== 'string') return null;
  try {
    return asMessage(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Whether it is said at most once, and not answered. */
export const isEvent = (text: string): boolean => text.startsWith('{"type":"event"');

/** Checks that a value is a message, of whatever type: those of types unknown are ignored later. */
export function asMessage(value: unknown): ServerMessage | null {
  const typed = typeof value === 'object' && value !== null && typeof (value as Record<string, unknown>).type === 'string';
  return typed ? (value as ServerMessage) : null;
}
