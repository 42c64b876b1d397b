import type { Position } from '../../protocol/position.ts';
import { Channel } from './channel.ts';
import type { HubContext } from './context.ts';
import { ReturnRound } from './return-round.ts';
import { type Outlet, type Subscriber, Subscription } from './subscription.ts';

/** How a hub looks after its channels. */
export interface HubOptions {
  /** A channel that everyone has left is kept so long: long polls come back, migrations overlap. */
  readonly lingerMs: number;
  /** A channel without messages is compared with the broker so often at most. */
  readonly headCheckMs: number;
  /** Comparisons of all channels in a second at most. */
  readonly headChecksPerSecond: number;
  /** The same, after the broker was away. */
  readonly returnChecksPerSecond: number;
}

export const HUB_DEFAULTS = {
  lingerMs: 5_000,
  headCheckMs: 30_000,
  headChecksPerSecond: 100,
  returnChecksPerSecond: 300,
} as const satisfies HubOptions;

const SWEEP_MS = 1_000;
/** Channels looked at in one sweep for being due for a comparison. */
const LOOKED_AT = 5_000;

/** The channels that this gateway's clients are subscribed to. */
export class Hub {
  readonly #context: HubContext;
  readonly #options: HubOptions;
  readonly #stop: AbortController;
  readonly #channels = new Map<string, Channel>();
  /** Channels that everyone had left. Some may have been joined again. */
  readonly #left = new Set<Channel>();
  #round: Iterator<Channel>;
  readonly #returnRound: ReturnRound;
  /** The broker is away: it need not be asked anything. */
  #away = false;
  /** When it came back last; monotonic, ms. */
  #returnedAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;

  constructor(context: Omit<HubContext, 'signal'>, options: HubOptions = HUB_DEFAULTS) {
    this.#stop = new AbortController();
    this.#context = { ...context, signal: this.#stop.signal };
    this.#options = options;
    this.#round = this.#channels.values();
    this.#returnRound = new ReturnRound(options.returnChecksPerSecond, context.random);
  }

  /** Channels that are held now, those included that everyone has left lately. */
  get channels(): number {
    return this.#channels.size;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#sweep(), SWEEP_MS);
    this.#timer.unref();
  }

  /** Ends all subscriptions without a word to the subscribers, who must be gone or be told by others. */
  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#returnRound.end();
    this.#stop.abort();
    for (const channel of this.#channels.values()) channel.abandon();
    this.#left.clear();
    this.#context.flusher.close();
  }

  /** Subscribes at a position, or at the head when it is null. What comes of it the subscriber is told, never before this returns. */
  subscribe(name: string, outlet: Outlet, subscriber: Subscriber, presence: boolean, position: Position | null): Subscription {
    let channel = this.#channels.get(name);
    const isNew = channel === undefined;
    channel ??= new Channel(name, this.#context, (ended) => {
      this.#left.delete(ended);
      if (this.#channels.get(name) === ended) this.#channels.delete(name);
    });
    this.#channels.set(name, channel);
    const subscription = new Subscription(channel, outlet, subscriber, presence, position);
    channel.add(subscription);
    if (isNew) void channel.open();
    return subscription;
  }

  /** Nothing is delivered to it any more. */
  unsubscribe(subscription: Subscription): void {
    const { channel } = subscription;
    channel.remove(subscription);
    if (channel.subscriptions === 0 && this.#channels.get(channel.name) === channel) this.#left.add(channel);
  }

  /** The broker can't be asked for now. */
  brokerAway(): void {
    this.#away = true;
    this.#returnRound.end();
  }

  /** The broker answers again, and notifications may have been lost: each channel that somebody listens to is compared soon. */
  brokerReturned(): void {
    this.#away = false;
    this.#returnedAt = this.#context.now();
    this.#returnRound.begin(this.#channels.values(), this.#returnedAt);
  }

  #sweep(): void {
    const now = this.#context.now();
    for (const channel of this.#left) {
      if (channel.subscriptions > 0) this.#left.delete(channel);
      else if (channel.emptySince + this.#options.lingerMs <= now) void channel.close();
    }
    if (!this.#away) this.#checkHeads(now);
  }

  /** A slow walk around the channels, at random starts, so that many gateways don't ask for the same channel at once. */
  #checkHeads(now: number): void {
    const { headCheckMs, headChecksPerSecond } = this.#options;
    const before = Math.max(this.#returnedAt, now - headCheckMs * (1 + this.#context.random()));
    let checks = 0;
    for (let looked = 0; looked < Math.min(LOOKED_AT, this.#channels.size) && checks < headChecksPerSecond; looked++) {
      let next = this.#round.next();
      if (next.done === true) {
        this.#round = this.#channels.values();
        next = this.#round.next();
      }
      if (next.done === true) return;
      if (!next.value.needsHeadCheck(before)) continue;
      checks++;
      void next.value.checkHead();
    }
  }
}
