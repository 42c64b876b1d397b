import { setTimeout as pause } from 'node:timers/promises';
import { type Position, samePosition } from '../../protocol/position.ts';
import {
  type Broker,
  type BrokerHealth,
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
import { Health } from './health.ts';
import { Link, type Notification } from './link.ts';
import { PresenceReplicas } from './presence-replicas.ts';
import type { Call } from './wire.ts';

export interface RemoteOptions {
  /** A link on which a call waits so long is broken off, ms. */
  readonly callTimeoutMs?: number;
}

const OK: BrokerHealth = { kind: 'ok' };

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
 * - **up**: calls go over the link. It is as well as the broker that is served there.
 * - **down**: the link broke; calls reject at once, and a new link is tried, at most 2 s apart. Degraded. → resuming
 * - **resuming**: the new link stands, calls go over it. All channels are subscribed again, and in each that moved on meanwhile the newest
 *   message is delivered once more: the hub sees the hole and fills it. Still degraded, until the last of them is. → up, or down.
 * - **closed**: for good.
 */
class RemoteBroker implements Broker {
  readonly #socketPath: string;
  readonly #callTimeoutMs: number;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #presence = new PresenceReplicas();
  readonly #health = new Health();
  #link: Link | null = null;
  /** How the broker is that is served there. */
  #served: BrokerHealth = OK;
  /** All channels are subscribed on the link. */
  #isResumed = true;
  /** Tries to connect since all was well. */
  #failed = 0;
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

  watchHealth(listener: (health: BrokerHealth) => void): void {
    this.#health.watch(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#health.close();
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
    if (notification.kind === 'health') {
      this.#served = notification.health;
      if (this.#isResumed) this.#health.become(this.#served);
      return;
    }
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
    this.#served = OK;
    this.#isResumed = false;
    this.#presence.clear();
    this.#health.become({ kind: 'degraded', reason: 'The link to the broker is down.' });
    this.#reconnect();
  }

  #reconnect(): void {
    if (this.#closed) return;
    this.#retry = setTimeout(
      () => {
        this.start().then(
          () => this.#resume(),
          () => this.#reconnect(),
        );
      },
      backOff(this.#failed++),
    );
  }

  async #resume(): Promise<void> {
    const link = this.#link;
    let left: [string, Subscription][] = [...this.#subscriptions];
    for (let attempt = 0; left.length > 0; attempt++) {
      if (attempt > 0) await pause(backOff(attempt), undefined, { ref: false });
      left = await this.#resumeChannels(left);
      // The next link resumes them all.
      if (link === null || this.#link !== link) return;
    }
    this.#failed = 0;
    this.#isResumed = true;
    this.#health.become(this.#served);
  }

  /** Resolves to those that could not be, and are still wanted. */
  async #resumeChannels(channels: readonly [string, Subscription][]): Promise<[string, Subscription][]> {
    const outcomes = await Promise.allSettled(channels.map(([channel, subscription]) => this.#resumeChannel(channel, subscription)));
    return channels.filter(
      ([channel, subscription], i) => outcomes[i]?.status === 'rejected' && this.#subscriptions.get(channel) === subscription,
    );
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

/** A random time, ms: the gateways of a cluster shall not come back in step. */
function backOff(attempt: number): number {
  return Math.random() * Math.min(2_000, 50 * 2 ** attempt);
}
