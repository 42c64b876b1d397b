import type { HistoryPage, Member } from '../protocol/messages.ts';
import type { Position } from '../protocol/position.ts';
import type { PublishResult } from './outbox.ts';
import type { ChannelEvents, SubscribeOptions, SubscribeResult, Subscription } from './subscription.ts';

/** What a channel needs of its client. */
export interface ChannelOwner {
  subscribe(subscription: Subscription, options: SubscribeOptions): Promise<SubscribeResult>;
  unsubscribe(subscription: Subscription): void;
  publish(channel: string, data: unknown, id: string | undefined): Promise<PublishResult>;
  sendEvent(channel: string, name: string, data: unknown): boolean;
  history(channel: string, page: HistoryOptions): Promise<HistoryPage>;
  presence(channel: string): Promise<readonly Member[]>;
}

export interface HistoryOptions {
  /** Only messages with lower offsets; default: the newest. */
  readonly before?: number;
  readonly limit?: number;
}

/** One channel of a client. */
export class Channel {
  readonly #subscription: Subscription;
  readonly #owner: ChannelOwner;

  constructor(subscription: Subscription, owner: ChannelOwner) {
    this.#subscription = subscription;
    this.#owner = owner;
  }

  get name(): string {
    return this.#subscription.name;
  }

  /** All up to here was given to this application; null before the stream has started. Kept, it lets a later run go on from here. */
  get position(): Position | null {
    return this.#subscription.position;
  }

  get subscribed(): boolean {
    return this.#subscription.wanted;
  }

  /** Who is there, as the subscription with `presence` has told so far. */
  get members(): readonly Member[] {
    return this.#subscription.members.list();
  }

  /** Calls `listener` at each event of this name; returns what ends it. */
  on<Name extends keyof ChannelEvents>(name: Name, listener: (value: ChannelEvents[Name]) => void): () => void {
    return this.#subscription.events.on(name, listener);
  }

  off<Name extends keyof ChannelEvents>(name: Name, listener: (value: ChannelEvents[Name]) => void): void {
    this.#subscription.events.off(name, listener);
  }

  /** Subscribes, and stays subscribed across reconnects until `unsubscribe`. Resolves when the stream has started; rejects with a ChatError. */
  subscribe(options: SubscribeOptions = {}): Promise<SubscribeResult> {
    return this.#owner.subscribe(this.#subscription, options);
  }

  /** Leaves; the position is forgotten. */
  unsubscribe(): void {
    this.#owner.unsubscribe(this.#subscription);
  }

  /**
   * Publishes JSON data. Resolves when it is stored; until then it is kept, and sent again with the same id as often as it takes.
   * Rejects with a ChatError: `outbox-full`, `too-big`, `bad-data`, `outcome-unknown`, `closed`, or what the gateway said.
   */
  publish(data: unknown, id?: string): Promise<PublishResult> {
    return this.#owner.publish(this.name, data, id);
  }

  /** Sends an event to those who are connected now, at most once; false when it can't be sent now. */
  sendEvent(name: string, data?: unknown): boolean {
    return this.#owner.sendEvent(this.name, name, data);
  }

  /** A page of stored messages, ascending. */
  history(page: HistoryOptions = {}): Promise<HistoryPage> {
    return this.#owner.history(this.name, page);
  }

  /** Asks who is there. */
  presence(): Promise<readonly Member[]> {
    return this.#owner.presence(this.name);
  }
}
