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
  readonly #waiting = new Set<Subscription>();
  /** Those of them that were live before. */
  #lost = 0;
  #isPlacing = false;
  #placeAgain = false;
  #closed = false;

  constructor(deps: SubscriptionsDeps) {
    this.#deps = deps;
  }

  /** All are live, or those that are not were never. */
  get isWell(): boolean {
    return this.#lost === 0;
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
    this.#waiting.add(subscription);
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
    const timer = setTimeout(() => {
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
    this.#waiting.clear();
    this.#lost = 0;
  }

  #lose(subscription: Subscription): void {
    subscription.node = null;
    subscription.isLive = false;
    if (subscription.wasLive && !this.#waiting.has(subscription)) this.#lost++;
    this.#waiting.add(subscription);
  }

  /** It waits no longer: it is live, or nobody wants it any more. */
  #found(subscription: Subscription): void {
    if (this.#waiting.delete(subscription) && subscription.wasLive) this.#lost--;
    for (const resolve of subscription.whenLive.splice(0)) resolve();
  }

  /** Subscribes what waits, a few at a time; those whose node isn't there wait on. */
  async #place(): Promise<void> {
    this.#placeAgain = true;
    if (this.#isPlacing) return;
    this.#isPlacing = true;
    for (let placed = 0; this.#placeAgain; ) {
      this.#placeAgain = false;
      for (const subscription of this.#waiting) {
        if (subscription.node !== null || !this.#tryNode(subscription)) continue;
        if (++placed % PACE.channels === 0) await sleep(PACE.pauseMs * (0.5 + this.#deps.random()));
      }
    }
    this.#isPlacing = false;
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
    if (this.#lost === 0) this.#deps.changed();
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
