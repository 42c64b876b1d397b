import type { Member } from '../../protocol/messages.ts';
import type { Position } from '../../protocol/position.ts';

/**
 * Where the gateways of a ChatCluster meet: it orders and keeps each channel's messages, and tells every gateway of new ones.
 *
 * Guarantees, each tested by `test/contract/broker.ts` on every implementation:
 * - **Order**: publishes to a channel get the offsets 1, 2, 3 … of one epoch; digest(n) = hash(digest(n−1), id of message n).
 *   Publishes that one caller makes one after the other, without awaiting, are stored in that order.
 * - **Idempotence**: a message id published again to the same channel, within the time the broker remembers ids, is not stored again;
 *   the answer is the first position, with `duplicate: true`.
 * - **Acknowledged is stored**: when `publish` resolves, `history` of every gateway shows the message until it is trimmed.
 * - **Live delivery** is in order but may have holes and repeats (a lost link): the hub checks contiguity. What is published after
 *   `subscribe` resolved comes, unless the link fails; the position that `subscribe` resolves to, joined with `history`, leaves no hole.
 * - **History** from a position is contiguous, or a gap is told: never silently something else.
 * - A channel without history (new, or expired) has an epoch and offset 0.
 */
export interface Broker {
  /** Stores a message. Rejects with BrokerUnavailable when it can't now; the caller may repeat it with the same id. */
  publish(channel: string, message: NewMessage): Promise<Stored>;

  /** Messages right after `after`, ascending, at most `limit`; or why they can't be had. */
  read(channel: string, after: Position, limit: number): Promise<ReadResult>;

  /** A page of at most `limit` messages with offsets below `before` (null: the newest), ascending, for people who scroll back. */
  page(channel: string, before: number | null, limit: number): Promise<Page>;

  /** The position of the newest message. */
  head(channel: string): Promise<Position>;

  /** Starts live delivery to `listener`, once a channel (a second subscribe replaces the listener), and resolves to the head at a moment after it started. */
  subscribe(channel: string, listener: ChannelListener): Promise<Position>;

  /** Ends live delivery; nothing is delivered after it resolved. */
  unsubscribe(channel: string): Promise<void>;

  /** Sends an ephemeral event to the channel's listeners everywhere, at most once, not stored. Never rejects. */
  sendEvent(channel: string, event: EphemeralEvent): void;

  /**
   * Enters a session into a channel's presence until `ttlMs` from now, or prolongs it. `connection` is the one that holds it:
   * a later `leave` by another connection (the old one of a migration) does nothing. Listeners hear `join` only if it was not there.
   */
  join(channel: string, entry: PresenceEntry, ttlMs: number): Promise<PresenceState>;

  /** Takes a session out of a channel's presence, if `connection` is the one that holds it. Listeners hear `leave`. */
  leave(channel: string, member: string, connection: string): Promise<void>;

  /** Who is there. The version changes with every join and leave. */
  presence(channel: string): Promise<PresenceState>;

  /**
   * Tells `listener` at once how the broker is, and whenever that changes, until it is closed. While it is degraded, live delivery may be late and
   * calls may wait or reject with BrokerUnavailable; what was missed is delivered, in order, when it is back.
   */
  watchHealth(listener: (health: BrokerHealth) => void): void;

  /** Ends all; pending calls reject with BrokerUnavailable. */
  close(): Promise<void>;
}

/** `reason`: one line for people. */
export type BrokerHealth = { readonly kind: 'ok' } | { readonly kind: 'degraded'; readonly reason: string };

export interface NewMessage {
  /** The publisher's id, unique in the channel. */
  readonly id: string;
  readonly member: string;
  readonly name?: string;
  /** The application's data, JSON text: it is never parsed and encoded again on the way. */
  readonly data: string;
}

export interface StoredMessage extends NewMessage {
  readonly position: Position;
  /** The broker's wall clock, ms since 1970. */
  readonly time: number;
}

export interface Stored {
  readonly position: Position;
  readonly duplicate: boolean;
}

export type ReadResult =
  /** Right after the position asked for; empty when it is the head. */
  | { readonly kind: 'messages'; readonly messages: readonly StoredMessage[] }
  /**
   * The position isn't on the line that the history holds. `to`: where to go on instead.
   * - `trimmed`: same line, too old; `to` is right before the oldest message kept.
   * - `epoch`: another life of the history; `to` is right before the oldest message kept of this one.
   * - `fork`: the digest or a larger offset shows a lost tail; `to` is the head, since what was seen of the rest is unknown.
   */
  | { readonly kind: 'gap'; readonly reason: 'trimmed' | 'epoch' | 'fork'; readonly to: Position };

export interface Page {
  readonly messages: readonly StoredMessage[];
  readonly more: boolean;
}

export interface EphemeralEvent {
  readonly member: string;
  readonly name: string;
  /** JSON text, or absent. */
  readonly data?: string;
}

export interface PresenceEntry extends Member {
  /** Unique among all connections of all gateways. */
  readonly connection: string;
}

export interface PresenceState {
  readonly version: string;
  readonly members: readonly Member[];
}

export interface ChannelListener {
  message(message: StoredMessage): void;
  event(event: EphemeralEvent): void;
  presence(change: { readonly kind: 'join' | 'leave'; readonly member: Member; readonly version: string }): void;
}

/** How much of each channel's history a broker keeps: the newest messages within both limits. */
export interface HistoryLimits {
  readonly maxMessages: number;
  readonly maxAgeMs: number;
}

/** The broker can't answer now; the same call may succeed later. */
export class BrokerUnavailable extends Error {
  override readonly name = 'BrokerUnavailable';
}
