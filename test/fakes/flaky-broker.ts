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
  type StoredMessage,
} from '../../gateway/broker/broker.ts';
import { Health } from '../../gateway/broker/health.ts';
import { History } from '../../gateway/broker/memory/history.ts';
import { asEpoch, type Position } from '../../protocol/position.ts';

/** What becomes of a message's live notification. */
export type Fate = 'deliver' | 'drop' | 'late' | 'twice';

interface Stream {
  history: History;
  kept: NewMessage[];
  listener: ChannelListener | null;
  late: StoredMessage[];
}

/** A broker whose history is true, and whose live delivery and availability are what a test makes of them. */
export class FlakyBroker implements Broker {
  /** Calls so far. */
  reads = 0;
  heads = 0;
  subscribes = 0;
  unsubscribes = 0;
  readonly joins: { channel: string; entry: PresenceEntry; ttlMs: number }[] = [];
  readonly leaves: { channel: string; member: string; connection: string }[] = [];
  readonly #streams = new Map<string, Stream>();
  readonly #maxMessages: number;
  readonly #health = new Health();
  #epochs = 0;
  #unavailable = false;

  constructor(maxMessages = 1_000) {
    this.#maxMessages = maxMessages;
  }

  /** Every call rejects while this is true, and who watches the health is told. */
  get unavailable(): boolean {
    return this.#unavailable;
  }

  set unavailable(unavailable: boolean) {
    this.#unavailable = unavailable;
    this.#health.become(unavailable ? { kind: 'degraded', reason: 'The test says so.' } : { kind: 'ok' });
  }

  /** Stores a message now, and notifies of it as `fate` says. */
  store(channel: string, id: string, fate: Fate = 'deliver'): StoredMessage {
    const stream = this.#stream(channel);
    const message = { id, member: 'm', data: JSON.stringify(id) };
    stream.kept.push(message);
    const stored = stream.history.append(message, 0, 0);
    stream.history.trim({ maxMessages: this.#maxMessages, maxAgeMs: 1e9 }, 0);
    if (fate === 'late') stream.late.push(stored);
    if (fate === 'deliver' || fate === 'twice') stream.listener?.message(stored);
    if (fate === 'twice') stream.listener?.message(stored);
    return stored;
  }

  /** Notifies now of what was late. */
  deliverLate(channel: string): void {
    const stream = this.#stream(channel);
    for (const message of stream.late.splice(0)) stream.listener?.message(message);
  }

  /** Forgets the newest messages, as a failover may: the offsets are counted again. */
  loseTail(channel: string, count: number): void {
    const stream = this.#stream(channel);
    stream.kept = stream.kept.slice(0, Math.max(0, stream.kept.length - count));
    const history = new History(stream.history.head.epoch);
    for (const message of stream.kept) history.append(message, 0, 0);
    history.trim({ maxMessages: this.#maxMessages, maxAgeMs: 1e9 }, 0);
    stream.history = history;
  }

  /** Starts the channel's history anew. */
  startAnew(channel: string): void {
    const stream = this.#stream(channel);
    stream.kept = [];
    stream.history = new History(asEpoch(`e${++this.#epochs}`));
  }

  headNow(channel: string): Position {
    return this.#stream(channel).history.head;
  }

  async publish(channel: string, { id }: NewMessage): Promise<Stored> {
    this.#check();
    return { position: this.store(channel, id).position, duplicate: false };
  }

  async read(channel: string, after: Position, limit: number): Promise<ReadResult> {
    this.reads++;
    this.#check();
    return this.#stream(channel).history.read(after, limit);
  }

  async page(channel: string, before: number | null, limit: number): Promise<Page> {
    this.#check();
    return this.#stream(channel).history.page(before, limit);
  }

  async head(channel: string): Promise<Position> {
    this.heads++;
    this.#check();
    return this.headNow(channel);
  }

  async subscribe(channel: string, listener: ChannelListener): Promise<Position> {
    this.subscribes++;
    this.#check();
    this.#stream(channel).listener = listener;
    return this.headNow(channel);
  }

  async unsubscribe(channel: string): Promise<void> {
    this.unsubscribes++;
    this.#check();
    this.#stream(channel).listener = null;
  }

  sendEvent(channel: string, event: EphemeralEvent): void {
    this.#stream(channel).listener?.event(event);
  }

  async join(channel: string, entry: PresenceEntry, ttlMs: number): Promise<PresenceState> {
    this.#check();
    this.joins.push({ channel, entry, ttlMs });
    return this.presence();
  }

  async leave(channel: string, member: string, connection: string): Promise<void> {
    this.#check();
    this.leaves.push({ channel, member, connection });
  }

  async presence(): Promise<PresenceState> {
    this.#check();
    return { version: `v${this.joins.length}`, members: this.joins.map(({ entry: { member } }) => ({ member })) };
  }

  watchHealth(listener: (health: BrokerHealth) => void): void {
    this.#health.watch(listener);
  }

  async close(): Promise<void> {
    this.#health.close();
  }

  #stream(channel: string): Stream {
    let stream = this.#streams.get(channel);
    if (stream === undefined) {
      stream = { history: new History(asEpoch(`e${++this.#epochs}`)), kept: [], listener: null, late: [] };
      this.#streams.set(channel, stream);
    }
    return stream;
  }

  #check(): void {
    if (this.unavailable) throw new BrokerUnavailable('The test says so.');
  }
}
