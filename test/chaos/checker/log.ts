import type { Position } from '../../../protocol/position.ts';

/**
 * What the clients of a run saw, and what the broker held at its end: all that the checker knows. Plain JSON, so a line a event makes a file.
 *
 * - Events of one client stand in the order in which that client saw them. How those of several clients interleave doesn't matter.
 * - `at` is ms on one monotonic clock for all clients.
 * - Everybody who publishes in a channel writes down every `publish` there, before the SDK is called.
 * - A client's name is used for one life only: one that is started anew, even from a stored position, has another name. A client that leaves
 *   a channel and comes back starts there at the head or where it left, never behind: what it has had must not come again.
 */
export type LogEvent = ClientEvent | History | Fault;

/** What one client did or saw. */
export type ClientEvent = Publish | Acknowledged | Failed | Subscribed | Delivered | Gap | Unsubscribed | Stopped;

interface InChannel {
  readonly at: number;
  readonly client: string;
  readonly channel: string;
}

/** The client hands a message to the SDK. With an id of an earlier one it is the same message, tried again by the application. */
export interface Publish extends InChannel {
  readonly kind: 'publish';
  readonly id: string;
}

/** The SDK says that the message is stored there; `duplicate`: that it had been already. */
export interface Acknowledged extends InChannel {
  readonly kind: 'acknowledged';
  readonly id: string;
  readonly position: Position;
  readonly duplicate?: boolean;
}

/** The SDK gave the message up. It may or may not be stored, now or later. */
export interface Failed extends InChannel {
  readonly kind: 'failed';
  readonly id: string;
  readonly reason: string;
}

/**
 * The client's stream of the channel goes on right after `position`. The first one, and the first after `unsubscribed`, says where the
 * stream starts and stands before anything that is delivered (the SDK's promise of `subscribe` may resolve a turn after the first delivery:
 * hold what comes back until it has); when it is not `recovered`, a `gap` must follow before any delivery. Later ones, of new connections,
 * are for people who read the log: from then on only deliveries and gaps move the client.
 */
export interface Subscribed extends InChannel {
  readonly kind: 'subscribed';
  readonly position: Position;
  readonly recovered: boolean;
}

/** The application was given a message. */
export interface Delivered extends InChannel {
  readonly kind: 'delivered';
  readonly id: string;
  readonly position: Position;
}

/** The application was told that what lies after `from` up to `to` won't come. */
export interface Gap extends InChannel {
  readonly kind: 'gap';
  readonly from: Position;
  readonly to: Position;
}

/** The client left the channel: nothing is owed to it there until it subscribes again. */
export interface Unsubscribed extends InChannel {
  readonly kind: 'unsubscribed';
}

/** The client ended, in all its channels. */
export interface Stopped {
  readonly kind: 'stopped';
  readonly at: number;
  readonly client: string;
}

/**
 * What the broker holds of a channel, read once, after all faults are healed and every client is quiet. Each channel of the log needs one.
 * `messages` are all that are stored, ascending by offset; when the first of them is not at offset 1, those before were trimmed.
 */
export interface History {
  readonly kind: 'history';
  readonly at: number;
  readonly channel: string;
  readonly messages: readonly StoredMessage[];
  /** The position of the newest message, stored or trimmed; offset 0 when there never was one in this epoch. */
  readonly head: Position;
}

/** A message of a final history. */
export interface StoredMessage {
  readonly id: string;
  readonly position: Position;
}

/** Something was done to the servers. It changes no verdict; a counterexample shows those that happened in its time. */
export interface Fault {
  readonly kind: 'fault';
  readonly at: number;
  /** For people: `kill -9 redis`, `drain gateway-2`. */
  readonly what: string;
}
