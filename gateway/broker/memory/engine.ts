import { randomBytes } from 'node:crypto';
import { asEpoch, type Epoch } from '../../../protocol/position.ts';
import type { Broker, HistoryLimits } from '../broker.ts';
import { MemoryBroker } from './broker.ts';
import { Channel, type ChannelLimits } from './channel.ts';
import type { IdLimits } from './remembered-ids.ts';

/** What a memory engine keeps and what it takes time and chance from; anything left out has its default. */
export interface MemoryOptions {
  readonly history?: HistoryLimits;
  readonly ids?: IdLimits;
  /** See `ChannelLimits.idleMs`. */
  readonly idleMs?: number;
  /** How often a timer lets go of what has expired. Reads never show what has, whenever that was. */
  readonly sweepMs?: number;
  /** Monotonic, ms. */
  readonly now?: () => number;
  /** Wall clock, ms since 1970, for `StoredMessage.time`. */
  readonly wallClock?: () => number;
  /** Never the same twice for a channel's name. */
  readonly newEpoch?: () => Epoch;
}

const DEFAULTS = {
  history: { maxMessages: 1_000, maxAgeMs: 3_600_000 },
  ids: { maxIds: 50_000, maxAgeMs: 300_000 },
  idleMs: 3_600_000,
  sweepMs: 1_000,
  now: () => performance.now(),
  wallClock: () => Date.now(),
  newEpoch: () => asEpoch(randomBytes(6).toString('base64url')),
} as const satisfies Required<MemoryOptions>;

/**
 * Channels in this process' memory. `connect` gives brokers that share them, as gateways share a broker.
 * While there are channels and a broker is open, an unref'd timer sweeps what has expired.
 */
export class MemoryEngine {
  readonly #channels = new Map<string, Channel>();
  readonly #brokers = new Set<Broker>();
  readonly #options: Required<MemoryOptions>;
  #limits: ChannelLimits;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: MemoryOptions = {}) {
    this.#options = { ...DEFAULTS, ...options };
    const { history, ids, idleMs } = this.#options;
    this.#limits = { history, ids, idleMs };
  }

  /** A broker on these channels. When the last one is closed the sweeping ends; what is stored stays. */
  connect(): Broker {
    const access = {
      channel: (name: string) => this.#channel(name),
      limits: () => this.#limits,
      now: this.#options.now,
      wallClock: this.#options.wallClock,
    };
    const broker = new MemoryBroker(access, () => {
      this.#brokers.delete(broker);
      this.#keepSweeping();
    });
    this.#brokers.add(broker);
    this.#keepSweeping();
    return broker;
  }

  /** Changes how much history is kept, at once. */
  setLimits(history: HistoryLimits): void {
    this.#limits = { ...this.#limits, history };
    const now = this.#options.now();
    for (const [name, channel] of this.#channels) this.#settle(name, channel, now);
  }

  /** Lets go of what has expired, and tells of the sessions whose presence has. The timer does this; tests with their own clock do too. */
  sweep(): void {
    const now = this.#options.now();
    for (const [name, channel] of this.#channels) if (channel.dueAt <= now) this.#settle(name, channel, now);
    this.#keepSweeping();
  }

  #channel(name: string): Channel {
    const now = this.#options.now();
    let channel = this.#channels.get(name);
    if (channel !== undefined && channel.dueAt <= now && !this.#settle(name, channel, now)) channel = undefined;
    if (channel === undefined) {
      channel = new Channel(this.#options.newEpoch(), now, this.#limits);
      this.#channels.set(name, channel);
      this.#keepSweeping();
    }
    channel.touch(now);
    return channel;
  }

  #settle(name: string, channel: Channel, now: number): boolean {
    const lives = channel.settle(now, this.#limits);
    if (!lives) this.#channels.delete(name);
    return lives;
  }

  #keepSweeping(): void {
    const needed = this.#brokers.size > 0 && this.#channels.size > 0;
    if (needed && this.#timer === null) {
      this.#timer = setInterval(() => this.sweep(), this.#options.sweepMs);
      this.#timer.unref();
    } else if (!needed && this.#timer !== null) {
      clearInterval(this.#timer);
      this.#timer = null;
    }
  }
}
