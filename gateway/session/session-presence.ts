import type { PresenceState } from '../broker/broker.ts';
import type { Held, PresenceKeeper } from './presence-keeper.ts';

/** Who a connection is present as. */
export interface Identity {
  readonly member: string;
  readonly name: string | undefined;
  /** Unique among all connections of all gateways. */
  readonly connection: string;
}

/** How the presence of a kind of connections is kept; null: as the keeper does by default. */
export interface PresencePolicy {
  readonly ttlMs: number;
  /** False: each poll prolongs it by joining again. */
  readonly refreshed: boolean;
}

/** The channels in which one connection is present. */
export class SessionPresence {
  readonly #keeper: PresenceKeeper;
  readonly #policy: PresencePolicy | null;
  readonly #held = new Map<string, Held>();
  #ended: 'leave' | 'leaveLater' | null = null;

  constructor(keeper: PresenceKeeper, policy: PresencePolicy | null) {
    this.#keeper = keeper;
    this.#policy = policy;
  }

  /** Enters the channel, or prolongs it. Rejects with BrokerUnavailable; it is tried again by the keeper then. */
  join(channel: string, { member, name, connection }: Identity): Promise<PresenceState> {
    let held = this.#held.get(channel);
    if (held === undefined) {
      const entry = name === undefined ? { member, connection } : { member, name, connection };
      held = this.#keeper.hold(channel, entry, this.#policy?.ttlMs, this.#policy?.refreshed);
      this.#held.set(channel, held);
    }
    const joined = this.#keeper.join(held);
    if (this.#ended !== null) this.end(this.#ended === 'leave');
    return joined;
  }

  leave(channel: string): void {
    const held = this.#held.get(channel);
    if (held === undefined) return;
    this.#held.delete(channel);
    this.#keeper.leave(held);
  }

  /** Leaves all channels but these. */
  keepOnly(channels: ReadonlySet<string>): void {
    for (const channel of this.#held.keys()) if (!channels.has(channel)) this.leave(channel);
  }

  /** The client was asked to move. */
  yield(): void {
    for (const held of this.#held.values()) this.#keeper.yield(held);
  }

  /** The connection has ended: on purpose, so that it leaves at once, or not, so that it may come back first. */
  end(onPurpose: boolean): void {
    this.#ended = onPurpose ? 'leave' : 'leaveLater';
    for (const held of this.#held.values()) {
      if (onPurpose) this.#keeper.leave(held);
      else this.#keeper.leaveLater(held);
    }
    this.#held.clear();
  }
}
