import type { Position } from '../../protocol/position.ts';
import type { Batch } from './batch.ts';
import type { Channel } from './channel.ts';

/** Where a subscriber's frames go: one connection, whatever its transport. */
export interface Outlet {
  /** It still has much to write: who catches up waits until it has less. */
  readonly congested: boolean;
  /**
   * Takes the frames to be written. Never calls back into the hub: an outlet that must end does so after the flush.
   * `alone`: no other channel has frames in this flush, so nothing is gained by gathering them first.
   */
  deliver(batch: Batch, alone: boolean): void;
}

/** Whose subscription it is: told of its progress, always in this order: `subscribed`, then any `gap`, then `live`; or `failed`. */
export interface Subscriber {
  /** The stream starts right after `position`. `recovered` false: a gap follows. */
  subscribed(subscription: Subscription, position: Position, recovered: boolean): void;
  /** What lies between can't be delivered. */
  gap(subscription: Subscription, from: Position, to: Position): void;
  /** It has caught up: from now on it gets all that comes. */
  live(subscription: Subscription): void;
  /** The broker could not be asked; the subscription is gone, and may be tried again from the last position. */
  failed(subscription: Subscription): void;
}

/** What is known of a subscription that has not caught up yet. */
export interface Waiting {
  /** Where it wants to go on; null: at the head, which is not known yet. */
  position: Position | null;
  /** The client gave no position: it starts at what was the head when it subscribed. */
  readonly fresh: boolean;
  /** `subscribed` was told. */
  told: boolean;
  /** Reads of the broker which said that its position is ahead of what this gateway has been told. */
  aheadReads: number;
}

/** One subscriber of one channel: waiting until it has caught up, then live. */
export class Subscription {
  readonly channel: Channel;
  readonly outlet: Outlet;
  readonly subscriber: Subscriber;
  /** It is told who joins and leaves. */
  readonly presence: boolean;
  /** Its place among the channel's live ones; −1 while it waits and when it is over. */
  index = -1;
  /** Null when it is live. */
  waiting: Waiting | null;

  constructor(channel: Channel, outlet: Outlet, subscriber: Subscriber, presence: boolean, position: Position | null) {
    this.channel = channel;
    this.outlet = outlet;
    this.subscriber = subscriber;
    this.presence = presence;
    this.waiting = { position, fresh: position === null, told: false, aheadReads: 0 };
  }
}
