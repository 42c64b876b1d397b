import { setTimeout as sleep } from 'node:timers/promises';
import type { ChannelListener } from '../broker.ts';
import { failureOf } from './failure.ts';
import { slotOf } from './keys.ts';
import type { RedisNode } from './node.ts';
import type { Topology } from './topology.ts';

/** What Subscriptions need. */
export interface SubscriptionsDeps {
  readonly topology: Topology;
  readonly failed: (node: RedisNode, error: unknown) => void;
  /** A channel's live delivery had been elsewhere, and goes on here: what came between is missing. */
  readonly resumed: (channel: string) => void;
  /** All that was delivered live is again, or no longer. */
  readonly changed: () => void;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/**
 * - waiting: not subscribed at any node, or not known to be.
 * - live: its node has confirmed it.
 */
export interface Subscription {
  readonly channel: string;
  readonly key: string;
  listener: ChannelListener;
  /** Where it was asked for; null while it is waiting. */
  node: RedisNode | null;
  isLive: boolean;
  /** It was live before: something may have been missed. */
  wasLive: boolean;
  /** When the channel was last used; monotonic, ms. */
  usedAt: number;
  /** Called when it is live. */
  readonly whenLive: (() => void)[];
}

/** Subscribed anew in one go, and the pause before the next, ms: a server that comes back shall not be met by everybody's everything. */
const PACE = { channels: 100, pauseMs: 50 } as const;
const RETRY_MS = 250;
/** A slot that moves takes its channels one by one: they are looked for in one go. */
const LOOK_MS = 20;

/** Which channels are delivered live: each is subscribed at the node of its slot, again when the connection broke or the slot moved. */
export class Subscriptions {
  readonly #deps: SubscriptionsDeps;
  readonly #byChannel = new Map<string, Subscription>();
  readonly #byKey = new Map<string, Subscription>();
  /** Those that wait: never live yet, for which somebody waits; and live before. */
  readonly #fresh = new Set<Subscription>();
  readonly #lost = new Set<Subscription>();
  /** The nodes that are soon looked at for what they have ended. */
  readonly #looking = new Set<RedisNode>();
  #isPlacing = false;
  #placeAgain = false;
  #closed = false;

  constructor(deps: SubscriptionsDeps) {
    this.#deps = deps;
  }

  /** All are live, or those that are not were never. */
  get isWell(): boolean {
    return this.#lost.size === 0;
  }

  get(channel: string): Subscription | undefined {
    return this.#byChannel.get(channel);
  }

  byKey(key: string): Subscription | undefined {
    return this.#byKey.get(key);
  }

  [Symbol.iterator](): IterableIterator<Subscription> {
    return this.#byChannel.values();
  }

  /** Delivers to `listener` from now (monotonic, ms) on. The subscription becomes live when its node is up and has said yes. */
  add(channel: string, key: string, listener: ChannelListener, now: number): Subscription {
    const present = this.#byChannel.get(channel);
    if (present !== undefined) {
      present.listener = listener;
      return present;
    }
    const subscription: Subscription = { channel, key, listener, node: null, isLive: false, wasLive: false, usedAt: now, whenLive: [] };
    this.#byChannel.set(channel, subscription);
    this.#byKey.set(key, subscription);
    this.#fresh.add(subscription);
    // At once, also while many others are subscribed anew: somebody waits for it.
    this.#tryNode(subscription);
    return subscription;
  }

  /** Resolves when it is live, or removed. */
  live(subscription: Subscription): Promise<void> {
    if (subscription.isLive) return Promise.resolve();
    return new Promise((resolve) => subscription.whenLive.push(resolve));
  }

  /** Nothing is delivered any more once it returned; resolves when the server knows. */
  async remove(channel: string): Promise<void> {
    const subscription = this.#byChannel.get(channel);
    if (subscription === undefined) return;
    this.#byChannel.delete(channel);
    this.#byKey.delete(subscription.key);
    this.#found(subscription);
    this.#deps.changed();
    await subscription.node?.unsubscribe(subscription.key);
  }

  /** The node's connection for live delivery is up, with nothing subscribed; or is gone. */
  reset(node: RedisNode): void {
    for (const subscription of this.#byChannel.values()) if (subscription.node === node) this.#lose(subscription);
    void this.#place();
    this.#deps.changed();
  }

  /** Slots may have other nodes: what is at a wrong one is moved. */
  review(): void {
    for (const subscription of this.#byChannel.values()) {
      const { node, key } = subscription;
      if (node === null || this.#deps.topology.nodeOf(slotOf(key)) === node) continue;
      void node.unsubscribe(key);
      this.#lose(subscription);
    }
    void this.#place();
    this.#deps.changed();
  }

  /** The node has ended subscriptions by itself: their slot is elsewhere. */
  ended(node: RedisNode): void {
    if (this.#looking.has(node)) return;
    this.#looking.add(node);
    const timer = setTimeout(() => {
      this.#looking.delete(node);
      const held = node.subscribed;
      for (const subscription of this.#byChannel.values()) {
        if (subscription.node === node && subscription.isLive && !held.has(subscription.key)) this.#lose(subscription);
      }
      void this.#place();
      this.#deps.changed();
    }, LOOK_MS);
    timer.unref();
  }

  close(): void {
    this.#closed = true;
    this.#byChannel.clear();
    this.#byKey.clear();
    this.#fresh.clear();
    this.#lost.clear();
  }

  #lose(subscription: Subscription): void {
    subscription.node = null;
    subscription.isLive = false;
    (subscription.wasLive ? this.#lost : this.#fresh).add(subscription);
  }

  /** It waits no longer: it is live, or nobody wants it any more. */
  #found(subscription: Subscription): void {
    this.#fresh.delete(subscription);
    this.#lost.delete(subscription);
    for (const resolve of subscription.whenLive.splice(0)) resolve();
  }

  /** Subscribes what waits; those whose node isn't there wait on. */
  async #place(): Promise<void> {
    this.#placeAgain = true;
    if (this.#isPlacing) return;
    this.#isPlacing = true;
    while (this.#placeAgain) {
      this.#placeAgain = false;
      await this.#placeWaiting();
    }
    this.#isPlacing = false;
  }

  /** A few at a time; from the beginning, when more may have become possible meanwhile. */
  async #placeWaiting(): Promise<void> {
    let placed = 0;
    for (const waiting of [this.#fresh, this.#lost]) {
      for (const subscription of waiting) {
        if (subscription.node !== null || !this.#tryNode(subscription) || ++placed % PACE.channels !== 0) continue;
        await sleep(PACE.pauseMs * (0.5 + this.#deps.random()));
        if (this.#placeAgain) return;
      }
    }
  }

  #tryNode(subscription: Subscription): boolean {
    const node = this.#deps.topology.nodeOf(slotOf(subscription.key));
    if (node === null) return false;
    node.listen();
    if (!node.isLive) return false;
    subscription.node = node;
    node.subscribe(subscription.key).then(
      () => this.#confirmed(subscription, node),
      (error: unknown) => this.#refused(subscription, node, error),
    );
    return true;
  }

  #confirmed(subscription: Subscription, node: RedisNode): void {
    if (subscription.node !== node || this.#byChannel.get(subscription.channel) !== subscription) return;
    const { wasLive } = subscription;
    subscription.isLive = true;
    this.#found(subscription);
    subscription.wasLive = true;
    if (!wasLive) return;
    this.#deps.resumed(subscription.channel);
    if (this.isWell) this.#deps.changed();
  }

  #refused(subscription: Subscription, node: RedisNode, error: unknown): void {
    if (subscription.node !== node) return;
    subscription.node = null;
    if (this.#closed) return;
    this.#deps.failed(node, error);
    if (failureOf(error).kind === 'moved') this.#deps.topology.refresh();
    const timer = setTimeout(() => void this.#place(), RETRY_MS * (0.5 + this.#deps.random()));
    timer.unref();
  }
}
