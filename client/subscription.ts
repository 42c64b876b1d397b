import type { ConnectCause, Event, Gap, Member, Message, Subscribe } from '../protocol/messages.ts';
import { type Position, samePosition } from '../protocol/position.ts';
import { type Deferred, deferred } from './deferred.ts';
import type { ChatError } from './errors.ts';
import { Emitter } from './events.ts';
import { Members } from './presence.ts';
import { RecentIds } from './recent-ids.ts';

export interface SubscribeOptions {
  /** Go on right after this position (of an earlier run, say), instead of at the channel's head. */
  readonly position?: Position;
  /** Be seen in the channel's presence, and see who is there. */
  readonly presence?: boolean;
}

export interface SubscribeResult {
  /** The stream starts right after it. */
  readonly position: Position;
  /** It goes on exactly where it was asked to; when false a `gap` event follows. */
  readonly recovered: boolean;
}

/** The stream goes on over a connection that is new. */
export interface Subscribed extends SubscribeResult {
  readonly channel: string;
  /** Why that connection was opened. */
  readonly cause: ConnectCause;
}

/** What happens in a channel. */
export interface ChannelEvents {
  /** A stored message: each once, in order. After a gap offsets may pass over one that was given before it. */
  message: Message;
  /** What lies between can't be had; the next message is the one after `to`. */
  gap: Gap;
  subscribed: Subscribed;
  /** An ephemeral event. */
  event: Event;
  join: Member;
  leave: Member;
  /** All who are there, after each change. */
  members: readonly Member[];
  /** The gateway refused the subscription; it is not asked for any more. */
  error: ChatError;
}

/** What the client knows of one channel, whatever connections come and go. */
export class Subscription {
  readonly name: string;
  readonly events = new Emitter<ChannelEvents>();
  readonly members = new Members();
  wanted = false;
  presence = false;
  /** All up to here was given to the application; null before the stream has started. */
  position: Position | null = null;
  /** Where the stream was when it was left last. */
  #leftAt: Position | null = null;
  /** Null before the first message. */
  #recentIds: RecentIds | null = null;
  /** A gateway asked not to be asked before; monotonic, ms. */
  heldUntil = 0;
  /** Where the last gap led, as long as no message was given to the application since. */
  #movedTo: Position | null = null;
  #waiter: Deferred<SubscribeResult> | null = null;
  #started: SubscribeResult | null = null;

  constructor(name: string) {
    this.name = name;
  }

  get waiting(): boolean {
    return this.#waiter !== null;
  }

  text(): string {
    const { name, position, presence, members } = this;
    const message: Subscribe = {
      type: 'subscribe',
      channel: name,
      ...(position === null ? {} : { position }),
      ...(presence ? { presence } : {}),
      ...(presence && members.version !== null ? { presenceVersion: members.version } : {}),
    };
    return JSON.stringify(message);
  }

  /** It is wanted from now on, right after `position`, or at the head. Who comes back where it left goes on in the same stream. */
  want(position: Position | null): void {
    this.wanted = true;
    this.position = position;
    if (position !== null && this.#leftAt !== null && samePosition(position, this.#leftAt)) return;
    this.#recentIds = null;
    this.#movedTo = null;
  }

  /** Resolves when the stream has started; at once when it has. */
  start(): Promise<SubscribeResult> {
    if (this.#started !== null) return Promise.resolve(this.#started);
    this.#waiter ??= deferred();
    // Who doesn't wait for it hears of a refusal by the event.
    this.#waiter.promise.catch(() => {});
    return this.#waiter.promise;
  }

  /** The stream's next message: it is given to the application, unless that had it before a gap. */
  message(message: Message): void {
    this.position = message.position;
    this.#recentIds ??= new RecentIds();
    if (!this.#recentIds.take(message.id)) return;
    this.#movedTo = null;
    this.events.emit('message', message);
  }

  /** Whether a message of that id is among the newest that came. */
  had(id: string): boolean {
    return this.#recentIds?.has(id) === true;
  }

  /** What lies between its position and `gap.to` won't come. */
  gap(gap: Gap, from: Position): void {
    this.position = gap.to;
    this.#recentIds?.gap();
    // A gateway that had not noticed yet led it onto the lost line once more, and back: the application was given nothing there.
    if (this.#movedTo !== null && samePosition(this.#movedTo, gap.to)) return;
    this.#movedTo = gap.to;
    this.events.emit('gap', { ...gap, from });
  }

  started(result: SubscribeResult): void {
    this.#started ??= result;
    this.#waiter?.resolve(result);
    this.#waiter = null;
  }

  /** Who waits for its start is told why there will be none. */
  reject(error: ChatError): void {
    this.#waiter?.reject(error);
    this.#waiter = null;
  }

  /** Forgets all but its listeners, and what a return to the same place needs. */
  leave(error: ChatError): void {
    this.wanted = false;
    this.presence = false;
    this.#leftAt = this.position;
    this.position = null;
    this.heldUntil = 0;
    this.#started = null;
    this.members.clear();
    this.reject(error);
  }
}
