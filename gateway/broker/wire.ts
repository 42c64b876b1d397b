import type { Position } from '../../protocol/position.ts';
import type { BrokerHealth, ChannelListener, EphemeralEvent, NewMessage, PresenceEntry, StoredMessage } from './broker.ts';

/** The most bytes of one WebSocket message between a broker's server and its remote form. */
export const MAX_FRAME_BYTES = 256 * 1024 * 1024;

/** What the remote form asks. `n` numbers the request; an `event` is not answered. */
export type Request =
  | { readonly kind: 'publish'; readonly n: number; readonly channel: string; readonly message: NewMessage }
  | { readonly kind: 'read'; readonly n: number; readonly channel: string; readonly after: Position; readonly limit: number }
  | { readonly kind: 'page'; readonly n: number; readonly channel: string; readonly before: number | null; readonly limit: number }
  | { readonly kind: 'head'; readonly n: number; readonly channel: string }
  | { readonly kind: 'subscribe'; readonly n: number; readonly channel: string }
  | { readonly kind: 'unsubscribe'; readonly n: number; readonly channel: string }
  | { readonly kind: 'event'; readonly channel: string; readonly event: EphemeralEvent }
  /** Answered with the version alone: the list is asked for with `presence` when it isn't known yet. */
  | { readonly kind: 'join'; readonly n: number; readonly channel: string; readonly entry: PresenceEntry; readonly ttlMs: number }
  | { readonly kind: 'leave'; readonly n: number; readonly channel: string; readonly member: string; readonly connection: string }
  | { readonly kind: 'presence'; readonly n: number; readonly channel: string };

/** A request without its number, as it is before it is sent. */
export type Call = Request extends infer R ? (R extends { n: number } ? Omit<R, 'n'> : never) : never;

/** What the server says: answers to requests, and what the subscribed channels' listeners are to hear, and how the broker is: unless it says so, well. */
export type Reply =
  | { readonly kind: 'result'; readonly n: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly n: number; readonly unavailable: boolean; readonly reason: string }
  | { readonly kind: 'message'; readonly channel: string; readonly message: StoredMessage }
  | { readonly kind: 'event'; readonly channel: string; readonly event: EphemeralEvent }
  | { readonly kind: 'change'; readonly channel: string; readonly change: Parameters<ChannelListener['presence']>[0] }
  | { readonly kind: 'health'; readonly health: BrokerHealth };
