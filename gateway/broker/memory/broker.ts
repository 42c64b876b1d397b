import type { Position } from '../../../protocol/position.ts';
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
} from '../broker.ts';
import type { Channel, ChannelLimits } from './channel.ts';

/** What a memory broker needs of its engine. Times are ms. */
export interface EngineAccess {
  /** The channel of this name, made when there is none. */
  channel(name: string): Channel;
  limits(): ChannelLimits;
  /** Monotonic. */
  now(): number;
  wallClock(): number;
}

/** One user's connection to a memory engine: all is done at once, the promises are there for the contract's sake. */
export class MemoryBroker implements Broker {
  readonly #engine: EngineAccess;
  readonly #closed: () => void;
  readonly #listening = new Set<string>();
  #open = true;

  constructor(engine: EngineAccess, closed: () => void) {
    this.#engine = engine;
    this.#closed = closed;
  }

  publish(channel: string, message: NewMessage): Promise<Stored> {
    if (!this.#open) return this.#refuse();
    const { now, wallClock, limits } = this.#engine;
    return Promise.resolve(this.#engine.channel(channel).publish(message, wallClock(), now(), limits()));
  }

  read(channel: string, after: Position, limit: number): Promise<ReadResult> {
    if (!this.#open) return this.#refuse();
    return Promise.resolve(this.#engine.channel(channel).history.read(after, limit));
  }

  page(channel: string, before: number | null, limit: number): Promise<Page> {
    if (!this.#open) return this.#refuse();
    return Promise.resolve(this.#engine.channel(channel).history.page(before, limit));
  }

  head(channel: string): Promise<Position> {
    if (!this.#open) return this.#refuse();
    return Promise.resolve(this.#engine.channel(channel).history.head);
  }

  subscribe(channel: string, listener: ChannelListener): Promise<Position> {
    if (!this.#open) return this.#refuse();
    this.#listening.add(channel);
    return Promise.resolve(this.#engine.channel(channel).listen(this, listener));
  }

  unsubscribe(channel: string): Promise<void> {
    if (!this.#open) return this.#refuse();
    this.#unlisten(channel);
    return Promise.resolve();
  }

  sendEvent(channel: string, event: EphemeralEvent): void {
    if (this.#open) this.#engine.channel(channel).sendEvent(event);
  }

  join(channel: string, entry: PresenceEntry, ttlMs: number): Promise<PresenceState> {
    if (!this.#open) return this.#refuse();
    return Promise.resolve(this.#engine.channel(channel).join(entry, ttlMs, this.#engine.now()));
  }

  leave(channel: string, member: string, connection: string): Promise<void> {
    if (!this.#open) return this.#refuse();
    this.#engine.channel(channel).leave(member, connection);
    return Promise.resolve();
  }

  presence(channel: string): Promise<PresenceState> {
    if (!this.#open) return this.#refuse();
    return Promise.resolve(this.#engine.channel(channel).presence());
  }

  watchHealth(listener: (health: BrokerHealth) => void): void {
    listener({ kind: 'ok' });
  }

  close(): Promise<void> {
    if (!this.#open) return Promise.resolve();
    for (const channel of this.#listening) this.#unlisten(channel);
    this.#open = false;
    this.#closed();
    return Promise.resolve();
  }

  #unlisten(channel: string): void {
    if (!this.#listening.delete(channel)) return;
    this.#engine.channel(channel).unlisten(this, this.#engine.now(), this.#engine.limits());
  }

  #refuse(): Promise<never> {
    return Promise.reject(new BrokerUnavailable('The broker is closed.'));
  }
}
