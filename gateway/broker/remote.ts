import { type Position, samePosition } from '../../protocol/position.ts';
import {
  type Broker,
  BrokerUnavailable,
  type ChannelListener,
  type EphemeralEvent,
  type NewMessage,
  type Page,
  type PresenceEntry,
  type PresenceState,
  type ReadResult,
  type Stored,
} from './broker.ts';
import { Link, type Notification } from './link.ts';
import { PresenceReplicas } from './presence-replicas.ts';
import type { Call } from './wire.ts';

export interface RemoteOptions {
  /** A link on which a call waits so long is broken off, ms. */
  readonly callTimeoutMs?: number;
}

interface Subscription {
  listener: ChannelListener;
  /** Of the newest message that the listener heard of, or the head when it subscribed; null until then. */
  seen: Position | null;
}

/** Connects to the broker that `serveBroker` serves; rejects with BrokerUnavailable when nothing answers there. */
export async function connectBroker(socketPath: string, options: RemoteOptions = {}): Promise<Broker> {
  const broker = new RemoteBroker(socketPath, options.callTimeoutMs ?? 10_000);
  await broker.start();
  return broker;
}

/**
 * A broker in another process.
 * - **up**: calls go over the link.
 * - **down**: the link broke; calls reject at once, and a new link is tried, at most 2 s apart. When one stands, all channels are
 *   subscribed again, and in each that moved on meanwhile the newest message is delivered once more: the hub sees the hole and fills it.
 * - **closed**: for good.
 */
class RemoteBroker implements Broker {
  readonly #socketPath: string;
  readonly #callTimeoutMs: number;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #presence = new PresenceReplicas();
  #link: Link | null = null;
  #retry: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(socketPath: string, callTimeoutMs: number) {
    this.#socketPath = socketPath;
    this.#callTimeoutMs = callTimeoutMs;
  }

  /** Makes the first link. */
  async start(): Promise<void> {
    const link = await Link.open(this.#socketPath, this.#callTimeoutMs, {
      notify: (notification) => this.#notify(notification),
      down: () => this.#down(),
    });
    if (this.#closed) await link.end();
    else this.#link = link;
  }

  publish(channel: string, message: NewMessage): Promise<Stored> {
    return this.#call({ kind: 'publish', channel, message });
  }

  read(channel: string, after: Position, limit: number): Promise<ReadResult> {
    return this.#call({ kind: 'read', channel, after, limit });
  }

  page(channel: string, before: number | null, limit: number): Promise<Page> {
    return this.#call({ kind: 'page', channel, before, limit });
  }

  head(channel: string): Promise<Position> {
    return this.#call({ kind: 'head', channel });
  }

  async subscribe(channel: string, listener: ChannelListener): Promise<Position> {
    if (this.#link === null) throw this.#unavailable();
    const subscription: Subscription = { listener, seen: null };
    this.#subscriptions.set(channel, subscription);
    try {
      return await this.#subscribe(channel, subscription);
    } catch (error) {
      if (this.#subscriptions.get(channel) === subscription) this.#subscriptions.delete(channel);
      throw error;
    }
  }

  async unsubscribe(channel: string): Promise<void> {
    this.#presence.delete(channel);
    if (!this.#subscriptions.delete(channel) || this.#link === null) return;
    await this.#call({ kind: 'unsubscribe', channel });
  }

  sendEvent(channel: string, event: EphemeralEvent): void {
    this.#link?.send({ kind: 'event', channel, event });
  }

  async join(channel: string, entry: PresenceEntry, ttlMs: number): Promise<PresenceState> {
    const known = await this.#call({ kind: 'join', channel, entry, ttlMs }, (version) => this.#presence.at(channel, version as string));
    return known ?? this.presence(channel);
  }

  leave(channel: string, member: string, connection: string): Promise<void> {
    return this.#call({ kind: 'leave', channel, member, connection });
  }

  presence(channel: string): Promise<PresenceState> {
    return this.#call({ kind: 'presence', channel }, (value) => {
      const state = value as PresenceState;
      if (this.#subscriptions.has(channel)) this.#presence.set(channel, state);
      return state;
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#subscriptions.clear();
    await this.#link?.end();
    this.#link = null;
  }

  #call<T>(call: Call, interpret: (value: unknown) => T = (value) => value as T): Promise<T> {
    return this.#link === null ? Promise.reject(this.#unavailable()) : this.#link.call(call, interpret);
  }

  #subscribe(channel: string, subscription: Subscription): Promise<Position> {
    return this.#call({ kind: 'subscribe', channel }, (value) => {
      const head = value as Position;
      subscription.seen ??= head;
      return head;
    });
  }

  #notify(notification: Notification): void {
    const subscription = this.#subscriptions.get(notification.channel);
    if (subscription === undefined) return;
    switch (notification.kind) {
      case 'message':
        subscription.seen = notification.message.position;
        subscription.listener.message(notification.message);
        break;
      case 'event':
        subscription.listener.event(notification.event);
        break;
      case 'change':
        this.#presence.apply(notification.channel, notification.change);
        subscription.listener.presence(notification.change);
        break;
      default:
        throw new Error(`Unknown notification ${JSON.stringify(notification satisfies never)}`);
    }
  }

  #down(): void {
    this.#link = null;
    this.#presence.clear();
    this.#reconnect(0);
  }

  #reconnect(attempt: number): void {
    if (this.#closed) return;
    // Full jitter: the gateways of a cluster shall not come back in step.
    const delay = Math.random() * Math.min(2_000, 50 * 2 ** attempt);
    this.#retry = setTimeout(() => {
      this.start().then(
        () => this.#resume(),
        () => this.#reconnect(attempt + 1),
      );
    }, delay);
  }

  #resume(): void {
    for (const [channel, subscription] of this.#subscriptions) {
      // A failure means that the link is down again: the next one resumes.
      this.#resumeChannel(channel, subscription).catch(() => {});
    }
  }

  async #resumeChannel(channel: string, subscription: Subscription): Promise<void> {
    const seen = subscription.seen;
    const head = await this.#subscribe(channel, subscription);
    if (seen !== null && samePosition(seen, head)) return;
    const { messages } = await this.page(channel, null, 1);
    for (const message of messages) {
      if (this.#subscriptions.get(channel) === subscription) subscription.listener.message(message);
    }
  }

  #unavailable(): BrokerUnavailable {
    return new BrokerUnavailable(this.#closed ? 'The broker is closed.' : 'The link to the broker is down.');
  }
}
