import type { Broker, PresenceEntry, PresenceState } from '../broker/broker.ts';
import type { Logger } from '../logger.ts';

/** What a PresenceKeeper needs. Times are ms, `now` is monotonic. */
export interface PresenceKeeperOptions {
  readonly broker: Pick<Broker, 'join' | 'leave'>;
  readonly log: Logger;
  readonly now: () => number;
  readonly random: () => number;
  /** The broker forgets who is not prolonged for so long: a gateway that dies leaves nobody behind for ever. */
  readonly ttlMs: number;
  /** Who was cut off may come back so long, here or elsewhere, without anybody being told of it. */
  readonly graceMs: number;
}

export const PRESENCE_DEFAULTS = { ttlMs: 60_000, graceMs: 10_000 } as const;

const SWEEP_MS = 1_000;

/** One connection's presence in one channel. */
interface Held {
  readonly channel: string;
  readonly entry: PresenceEntry;
  readonly ttlMs: number;
  refreshAt: number;
  leaveAt: number;
}

/**
 * Keeps those present whose connections are here: one sweep prolongs them all, each at a time of its own.
 * - held: prolonged every third of its time to live. → leaving, when its connection was cut off. → gone, when it left on purpose.
 * - leaving: no longer prolonged; after the grace it leaves. If the session has another connection by then, that one holds the presence,
 *   and the broker takes no notice.
 */
export class PresenceKeeper {
  readonly #options: PresenceKeeperOptions;
  readonly #held = new Set<Held>();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: PresenceKeeperOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#held.size;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#sweep(), SWEEP_MS);
    this.#timer.unref();
  }

  /** Prolongs nobody any more; those who don't come back elsewhere expire. */
  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#held.clear();
  }

  /** `refreshed`: prolong it until it leaves. False: whoever joined does so in time, by another join. */
  hold(channel: string, entry: PresenceEntry, ttlMs = this.#options.ttlMs, refreshed = true): Held {
    const refreshAt = refreshed ? this.#nextRefresh() : Number.POSITIVE_INFINITY;
    const held: Held = { channel, entry, ttlMs, refreshAt, leaveAt: Number.POSITIVE_INFINITY };
    this.#held.add(held);
    return held;
  }

  /** Enters the session into the channel, or prolongs it. Rejects with BrokerUnavailable. */
  join({ channel, entry, ttlMs }: Held): Promise<PresenceState> {
    return this.#options.broker.join(channel, entry, ttlMs);
  }

  /** Leaves at once. */
  leave(held: Held): void {
    if (!this.#held.delete(held)) return;
    const { channel, entry } = held;
    this.#options.broker.leave(channel, entry.member, entry.connection).catch((error: unknown) => this.#failed(channel, error));
  }

  /** Leaves after the grace. */
  leaveLater(held: Held): void {
    held.refreshAt = Number.POSITIVE_INFINITY;
    held.leaveAt = this.#options.now() + this.#options.graceMs;
  }

  /**
   * Its connection was asked to move: the new one shall not lose the presence to a prolongation by this one. Should the client
   * stay, it is prolonged again before it expires.
   */
  yield(held: Held): void {
    if (held.refreshAt !== Number.POSITIVE_INFINITY) held.refreshAt = this.#options.now() + (held.ttlMs * 2) / 3;
  }

  #sweep(): void {
    const now = this.#options.now();
    for (const held of this.#held) {
      if (held.leaveAt <= now) {
        this.leave(held);
      } else if (held.refreshAt <= now) {
        held.refreshAt = this.#nextRefresh();
        this.join(held).catch((error: unknown) => this.#failed(held.channel, error));
      }
    }
  }

  #nextRefresh(): number {
    const { now, random, ttlMs } = this.#options;
    return now() + (ttlMs / 3) * (0.75 + random() / 4);
  }

  #failed(channel: string, error: unknown): void {
    this.#options.log.debug({ channel, error: String(error) }, 'the broker could not be told of a presence, it expires or is told again');
  }
}

export type { Held };
