import type { Position } from '../../../protocol/position.ts';
import type {
  Broker,
  BrokerHealth,
  ChannelListener,
  EphemeralEvent,
  HistoryLimits,
  NewMessage,
  Page,
  PresenceEntry,
  PresenceState,
  ReadResult,
  Stored,
  StoredMessage,
} from '../broker.ts';
import { callListener } from '../call-listener.ts';
import { Health } from '../health.ts';
import type { BrokerTelemetry } from '../telemetry.ts';
import { Caller } from './caller.ts';
import { decodeMessage, decodeNotification, encodeEvent, type Notification, positionOf } from './entry.ts';
import { type Failure, failureOf } from './failure.ts';
import { FreshNames } from './fresh-names.ts';
import { keysOf } from './keys.ts';
import type { NodeEvents, RedisNode } from './node.ts';
import type { RedisLimits } from './options.ts';
import { Presence } from './presence.ts';
import { Publisher } from './publisher.ts';
import { Replication } from './replication.ts';
import type { Reporter } from './reporter.ts';
import { SCRIPTS, type Script } from './scripts.ts';
import { Subscriptions } from './subscriptions.ts';
import type { Topology } from './topology.ts';

/** What a RedisBroker is made of. Times are ms. */
export interface RedisBrokerParts {
  /** Makes the topology; its nodes tell `events`, `changed` is called when slots have other nodes. */
  readonly topology: (events: NodeEvents, changed: () => void) => Topology;
  readonly reporter: Reporter;
  /** Something went wrong with the node at `place`. */
  readonly failed: (place: string, failure: Failure) => void;
  readonly telemetry: BrokerTelemetry;
  readonly keyPrefix: string;
  readonly replicated: boolean;
  readonly history: HistoryLimits;
  readonly limits: RedisLimits;
  /** Monotonic. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

const SWEEP_MS = 1_000;
/** A channel that is listened to is used so often, at least, in the time after which it would end. */
const USES = 3;

/** A broker on Redis: every channel is one hash that scripts change, told of on a sharded pub/sub channel of the same name. */
export class RedisBroker implements Broker, NodeEvents {
  readonly #parts: RedisBrokerParts;
  readonly #topology: Topology;
  readonly #caller: Caller;
  readonly #publisher: Publisher;
  readonly #subscriptions: Subscriptions;
  readonly #presence: Presence;
  readonly #names = new FreshNames();
  readonly #lags = new Map<RedisNode, number>();
  #history: HistoryLimits;
  readonly #health = new Health({ kind: 'degraded', reason: 'Redis has not answered yet.' });
  #timer: NodeJS.Timeout | null = null;
  #lookAt: number;

  constructor(parts: RedisBrokerParts) {
    const { reporter, telemetry, limits, now, random, keyPrefix } = parts;
    this.#parts = parts;
    this.#history = parts.history;
    this.#lookAt = now();
    const topology = parts.topology(this, () => this.#slotsMoved());
    this.#topology = topology;
    const caller = new Caller({ topology, reporter, telemetry, now, random });
    this.#caller = caller;
    this.#publisher = new Publisher({
      caller,
      isShared: topology.isSingle,
      replication: parts.replicated
        ? new Replication(limits.replicaTimeoutMs, ({ name }, failure) => reporter.failed(name, failure))
        : null,
      channelArg: () => this.#channelArg(),
      timeoutMs: limits.publishTimeoutMs,
      maxWaiting: limits.maxWaiting,
      maxWaitingBytes: limits.maxWaitingBytes,
      now,
      waiting(count) {
        telemetry.waiting = count;
      },
    });
    this.#subscriptions = new Subscriptions({
      topology,
      random,
      failed: (node, error) => reporter.failed(node.name, failureOf(error)),
      resumed: (channel) => void this.#catchUp(channel),
      changed: () => this.#judge(),
    });
    const isHeard = (channel: string) => this.#subscriptions.get(channel)?.isLive === true;
    this.#presence = new Presence({ caller, keyPrefix, timeoutMs: limits.callTimeoutMs, now, isHeard });
  }

  /** Connects, and goes on doing so by itself. */
  start(): void {
    this.#topology.start();
    this.#timer = setInterval(() => void this.sweep(), SWEEP_MS);
    this.#timer.unref();
  }

  publish(channel: string, message: NewMessage): Promise<Stored> {
    return this.#publisher.publish(keysOf(this.#parts.keyPrefix, channel), message);
  }

  async read(channel: string, after: Position, limit: number): Promise<ReadResult> {
    const [kind, epoch, offset, ...rest] = (await this.#call(SCRIPTS.read, channel, [after.epoch, after.offset, after.digest, limit])) as [
      'messages' | 'trimmed' | 'epoch' | 'fork',
      string,
      number,
      ...string[],
    ];
    if (kind === 'messages') return { kind, messages: messagesOf(epoch, offset, rest) };
    return { kind: 'gap', reason: kind, to: positionOf(epoch, offset, rest[0] ?? '') };
  }

  async page(channel: string, before: number | null, limit: number): Promise<Page> {
    const [epoch, offset, more, ...messages] = (await this.#call(SCRIPTS.page, channel, [before ?? 0, limit])) as [
      string,
      number,
      number,
      ...string[],
    ];
    return { messages: messagesOf(epoch, offset, messages), more: more === 1 };
  }

  async head(channel: string): Promise<Position> {
    const [epoch, offset, digest] = (await this.#call(SCRIPTS.head, channel, [])) as [string, number, string];
    return positionOf(epoch, offset, digest);
  }

  async subscribe(channel: string, listener: ChannelListener): Promise<Position> {
    if (this.#caller.isClosed) throw this.#caller.unavailable('');
    const { keyPrefix, now, limits } = this.#parts;
    const subscription = this.#subscriptions.add(channel, keysOf(keyPrefix, channel).channel, listener, now());
    try {
      const late = () => 'Redis did not confirm the subscription in time.';
      await this.#caller.inTime(this.#subscriptions.live(subscription), now() + limits.callTimeoutMs, late);
      return await this.head(channel);
    } catch (error) {
      if (subscription.listener === listener && this.#subscriptions.get(channel) === subscription) void this.unsubscribe(channel);
      throw error;
    }
  }

  async unsubscribe(channel: string): Promise<void> {
    if (this.#caller.isClosed) throw this.#caller.unavailable('');
    this.#presence.delete(channel);
    await this.#subscriptions.remove(channel);
  }

  sendEvent(channel: string, event: EphemeralEvent): void {
    const { channel: key } = keysOf(this.#parts.keyPrefix, channel);
    if (!this.#caller.isClosed) this.#caller.tell(key, encodeEvent(event));
  }

  join(channel: string, entry: PresenceEntry, ttlMs: number): Promise<PresenceState> {
    return this.#presence.join(channel, entry, ttlMs);
  }

  leave(channel: string, member: string, connection: string): Promise<void> {
    return this.#presence.leave(channel, member, connection);
  }

  presence(channel: string): Promise<PresenceState> {
    return this.#presence.list(channel);
  }

  watchHealth(listener: (health: BrokerHealth) => void): void {
    this.#health.watch(listener);
  }

  /** Changes how much history is kept, with the next call of each channel. */
  setLimits(history: HistoryLimits): void {
    this.#history = history;
  }

  /** Keeps channels alive that are listened to, and lets sessions go whose time is over. A timer does this; tests with their own clock do too. */
  async sweep(): Promise<void> {
    const { now, limits } = this.#parts;
    const uses: Promise<unknown>[] = [this.#presence.sweep()];
    if (this.#lookAt <= now()) {
      this.#lookAt = now() + limits.idleMs / (4 * USES);
      for (const { channel, usedAt } of this.#subscriptions) {
        if (usedAt + limits.idleMs / USES <= now()) uses.push(this.head(channel).catch(() => undefined));
      }
    }
    await Promise.all(uses);
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#health.close();
    this.#caller.close();
    this.#publisher.close();
    this.#subscriptions.close();
    this.#topology.close();
  }

  up(node: RedisNode): void {
    this.#parts.reporter.healed(node.name, node.generation === 0 ? 'connected.' : 'connected again.');
    if (node.generation > 0) this.#parts.telemetry.reconnects++;
    this.#topology.refresh();
    this.#caller.wake();
    this.#judge();
  }

  down(_node: RedisNode): void {
    this.#topology.refresh();
    this.#judge();
  }

  liveUp(node: RedisNode): void {
    this.#subscriptions.reset(node);
  }

  liveDown(node: RedisNode): void {
    this.#lags.delete(node);
    this.#tellLag();
    this.#topology.refresh();
    this.#subscriptions.reset(node);
  }

  notification(key: string, text: string): void {
    const subscription = this.#subscriptions.byKey(key);
    const notification = subscription === undefined ? null : decodeNotification(text);
    if (subscription === undefined || notification === null) return;
    const { channel, listener } = subscription;
    if (notification.kind === 'join' || notification.kind === 'leave') this.#presence.heard(channel, notification);
    callListener((to) => tell(to, notification), listener);
  }

  moved(node: RedisNode): void {
    this.#topology.refresh();
    this.#subscriptions.ended(node);
  }

  lag(node: RedisNode, ms: number): void {
    this.#lags.set(node, ms);
    this.#tellLag();
  }

  failed(node: RedisNode, failure: Failure): void {
    this.#parts.reporter.failed(node.name, failure);
    this.#parts.failed(node.name, failure);
  }

  advice(node: RedisNode, text: string): void {
    this.#parts.reporter.warn(node.name, text);
  }

  #slotsMoved(): void {
    this.#subscriptions.review();
    this.#caller.wake();
    this.#judge();
  }

  /** Delivers the newest message once more: the hub sees what is missing before it. */
  async #catchUp(channel: string): Promise<void> {
    this.#presence.forget(channel);
    const subscription = this.#subscriptions.get(channel);
    // When it fails, Redis is away again, and the channel will be resumed again.
    const page = await this.page(channel, null, 1).catch(() => null);
    if (page === null || subscription === undefined || this.#subscriptions.get(channel) !== subscription) return;
    for (const message of page.messages) callListener((to) => to.message(message), subscription.listener);
  }

  async #call(script: Script, channel: string, args: readonly (string | number)[]): Promise<readonly unknown[]> {
    const { keyPrefix, now, limits } = this.#parts;
    const { channel: key } = keysOf(keyPrefix, channel);
    const subscription = this.#subscriptions.get(channel);
    if (subscription !== undefined) subscription.usedAt = now();
    return this.#caller.call({ script, keys: [key], args: [this.#channelArg(), ...args], listenKey: key }, now() + limits.callTimeoutMs);
  }

  #channelArg(): string {
    const { maxMessages, maxAgeMs } = this.#history;
    const { idsMs, maxIds, idleMs } = this.#parts.limits;
    return `${this.#names.next()} ${maxMessages} ${Math.ceil(maxAgeMs)} ${idsMs} ${maxIds} ${idleMs}`;
  }

  #tellLag(): void {
    this.#parts.telemetry.liveLagMs = this.#lags.size === 0 ? null : Math.max(...this.#lags.values());
  }

  #judge(): void {
    this.#health.become(this.#examine());
  }

  #examine(): BrokerHealth {
    if (!this.#topology.isComplete) return { kind: 'degraded', reason: 'Some slots of the Redis Cluster have no node.' };
    for (const { isUp, name } of this.#topology.owners) if (!isUp) return { kind: 'degraded', reason: `Redis at ${name} does not answer.` };
    if (!this.#subscriptions.isWell) return { kind: 'degraded', reason: 'Live delivery is being resumed.' };
    return { kind: 'ok' };
  }
}

const messagesOf = (epoch: string, first: number, texts: readonly string[]): StoredMessage[] =>
  texts.map((text, i) => decodeMessage(epoch, first + i, text));

function tell(listener: ChannelListener, notification: Notification): void {
  switch (notification.kind) {
    case 'message':
      listener.message(notification.message);
      break;
    case 'event':
      listener.event(notification.event);
      break;
    default: {
      const { kind, member, version } = notification;
      listener.presence({ kind, member, version });
    }
  }
}
