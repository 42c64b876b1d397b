import type { Redis } from 'ioredis';
import { type ClientSettings, makeClient, makeSentinelClient } from './client.ts';
import { type Failure, failureOf } from './failure.ts';
import { keysOf } from './keys.ts';
import type { Address, RedisPlace } from './options.ts';
import { lackOf, rightsFor } from './rights.ts';
import { SCRIPTS, type Script } from './scripts.ts';
import { isConnectedTo, SentinelWatch } from './sentinel-watch.ts';
import { adviceFor, parseInfo, unfit } from './server-info.ts';

/** What a node tells of itself. */
export interface NodeEvents {
  /** It answers calls, and has the scripts. */
  up(node: RedisNode): void;
  down(node: RedisNode): void;
  /** Live delivery can begin: nothing is subscribed yet. */
  liveUp(node: RedisNode): void;
  liveDown(node: RedisNode): void;
  notification(key: string, text: string): void;
  /** Channels that were subscribed here are elsewhere now. */
  moved(node: RedisNode): void;
  /** How old live delivery is at least, ms. */
  lag(node: RedisNode, ms: number): void;
  failed(node: RedisNode, failure: Failure): void;
  advice(node: RedisNode, text: string): void;
}

/** What all nodes of a broker share; times in ms. */
export interface NodeSettings extends ClientSettings {
  readonly keyPrefix: string;
  /** Publishes wait for a replica. */
  readonly isReplicated: boolean;
  /** Its replicas are asked for its slots too. */
  readonly isCluster: boolean;
}

const PING_MS = 1_000;
/** A client that gave up, or a server that is of no use now, is tried again after a random part of this. */
const AGAIN_MS = 2_000;
/** Beyond so many unanswered calls ephemeral events are dropped. */
const MAX_PENDING_EVENTS = 10_000;

/**
 * One server and the two connections to it.
 * - calls: down until it is connected and the scripts are loaded. → up. A broken connection fails what is under way. → down, tried again.
 * - live: made with the first subscription. → up, with nothing subscribed. A broken one is tried again.
 */
export class RedisNode {
  readonly name: string;
  readonly #make: (purpose: 'calls' | 'live') => Redis;
  readonly #events: NodeEvents;
  readonly #settings: NodeSettings;
  readonly #place: Exclude<RedisPlace, { kind: 'cluster' }>;
  readonly #calls: Redis;
  #live: Redis | null = null;
  #watch: SentinelWatch | null = null;
  #loading: Promise<unknown> | null = null;
  #isClosed = false;
  readonly #timers = new Set<NodeJS.Timeout>();
  #up = false;
  #liveUp = false;
  #generation = 0;
  #pendingEvents = 0;
  #isCorked = false;

  constructor(place: Exclude<RedisPlace, { kind: 'cluster' }>, settings: NodeSettings, events: NodeEvents) {
    this.name = place.kind === 'server' ? `${place.address.host}:${place.address.port}` : place.name;
    this.#make = (purpose) => makeClient(place, purpose, settings);
    this.#events = events;
    this.#settings = settings;
    this.#place = place;
    this.#calls = this.#make('calls');
  }

  get isUp(): boolean {
    return this.#up;
  }

  get isLive(): boolean {
    return this.#liveUp;
  }

  /** Changes with every connection for calls: what one connection has written, another one can't wait for. */
  get generation(): number {
    return this.#generation;
  }

  start(): void {
    this.#calls.on('ready', () => void this.#prepare(this.#generation));
    this.#calls.on('error', (error: Error) => this.#failed(failureOf(error)));
    this.#calls.on('close', () => {
      this.#generation++;
      if (!this.#up) return;
      this.#up = false;
      this.#events.down(this);
    });
    const pinging = setInterval(() => this.#ping(), PING_MS);
    pinging.unref();
    this.#timers.add(pinging);
    this.#connect(this.#calls);
    if (this.#place.kind !== 'sentinel') return;
    const { sentinels, name } = this.#place;
    const clients = sentinels.map((address) => makeSentinelClient(address, this.#settings));
    this.#watch = new SentinelWatch({ clients, name, changed: (primary) => void this.#follow(primary) });
  }

  /** Runs a script; rejects with what the server or the connection says. */
  run({ sha }: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    this.#cork();
    return this.#calls.evalsha(sha, keys.length, ...keys, ...args);
  }

  /** The same for a slot that this node is just taking over. */
  async runAsking({ sha }: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    const results = await this.#calls
      .pipeline()
      .asking()
      .evalsha(sha, keys.length, ...keys, ...args)
      .exec();
    const [error, value] = results?.[1] ?? [new Error('The connection was closed.'), null];
    if (error !== null) throw error;
    return value;
  }

  /** Those who ask while they are being loaded share that. */
  async loadScripts(): Promise<void> {
    this.#loading ??= Promise.all(Object.values(SCRIPTS).map(({ text }) => this.#calls.script('LOAD', text))).finally(() => {
      this.#loading = null;
    });
    await this.#loading;
  }

  /** How many replicas have what this connection has written, at least one or after `timeoutMs`. */
  wait(timeoutMs: number): Promise<number> {
    return this.#calls.wait(1, timeoutMs);
  }

  /** Tells those who listen to `key`, at most once. */
  tell(key: string, text: string): void {
    if (!this.#up || this.#pendingEvents >= MAX_PENDING_EVENTS) return;
    this.#pendingEvents++;
    this.#cork();
    const done = () => {
      this.#pendingEvents--;
    };
    this.#calls.spublish(key, text).then(done, done);
  }

  /** The slots of a Cluster as this node knows them. */
  slots(): Promise<unknown> {
    return this.#calls.cluster('SLOTS');
  }

  /** Makes the connection for live delivery, unless there is one. */
  listen(): void {
    if (this.#live !== null) return;
    const live = this.#make('live');
    this.#live = live;
    live.on('ready', () => {
      this.#liveUp = true;
      this.#events.liveUp(this);
    });
    live.on('error', (error: Error) => this.#failed(failureOf(error)));
    live.on('close', () => {
      if (!this.#liveUp) return;
      this.#liveUp = false;
      this.#events.liveDown(this);
    });
    live.on('smessage', (key: string, text: string) => this.#events.notification(key, text));
    live.on('moved', () => this.#events.moved(this));
    this.#connect(live);
  }

  /** The keys that the server delivers, as far as it has told. */
  get subscribed(): ReadonlySet<string> {
    const set = this.#live?.condition?.subscriber;
    return new Set(set ? set.channels('ssubscribe') : []);
  }

  /** Subscribes; rejects when the connection is not up or the server says no. */
  async subscribe(key: string): Promise<void> {
    if (this.#live === null) throw new Error('Live delivery is not connected.');
    await this.#live.ssubscribe(key);
  }

  /** Resolves when nothing more comes from `key`. */
  async unsubscribe(key: string): Promise<void> {
    if (this.#live !== null && this.#liveUp) await this.#live.sunsubscribe(key).catch(() => undefined);
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#watch?.close();
    this.#calls.disconnect();
    this.#live?.disconnect();
  }

  async #prepare(generation: number): Promise<void> {
    try {
      const info = parseInfo(await this.#calls.info().catch(allowed));
      const failure = unfit(info, this.#settings.isCluster) ?? (await this.#equip());
      if (generation !== this.#generation) return;
      if (failure !== null) {
        this.#useless(generation, failure);
        return;
      }
      const advice = adviceFor(info);
      if (advice !== null) this.#events.advice(this, advice);
      this.#up = true;
      // Another server may be the primary now, and the old one may still be there: live delivery must come from where messages are stored.
      if (this.#watch !== null && this.#liveUp) this.#live?.disconnect(true);
      this.#events.up(this);
    } catch (error) {
      if (generation === this.#generation) this.#useless(generation, failureOf(error));
    }
  }

  /** Gives it what calls need of it; resolves to what can't be had. */
  async #equip(): Promise<Failure | null> {
    const { database } = this.#settings.access;
    // The client goes on in another database when there is none of that number.
    if (database !== 0) await this.#calls.select(database);
    await this.loadScripts();
    return this.#lack();
  }

  /** The rights that the user lacks. */
  async #lack(): Promise<Failure | null> {
    const { keyPrefix, isCluster, isReplicated } = this.#settings;
    const commands = rightsFor(isCluster, isReplicated);
    // It names no key, so that every node of a Cluster answers.
    const denied = await this.#calls.evalsha(SCRIPTS.rights.sha, 0, keysOf(keyPrefix, 'room').channel, ...commands);
    return lackOf(commands, denied as number[], keyPrefix);
  }

  /** The server can't serve now. It may later: it is not asked in a hurry. */
  #useless(generation: number, failure: Failure): void {
    this.#failed(failure);
    this.#later(() => {
      if (generation === this.#generation) this.#calls.disconnect(true);
    });
  }

  /** Another server is the primary; it is looked for when the connection to the last one is gone. */
  async #follow(primary: Address): Promise<void> {
    const generation = this.#generation;
    if (this.#up && !(await isConnectedTo(this.#calls, primary)) && generation === this.#generation) this.#calls.disconnect(true);
  }

  #failed(failure: Failure): void {
    if (!this.#isClosed) this.#events.failed(this, failure);
  }

  #connect(client: Redis): void {
    // The first try rejects, but goes on by itself.
    const connect = () => client.connect().catch(() => undefined);
    // Told to disconnect while it connects, as the Sentinels' news of a failover may do, the client gives up.
    client.on('end', () => this.#later(connect));
    void connect();
  }

  #later(task: () => void): void {
    if (this.#isClosed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      task();
    }, AGAIN_MS * Math.random());
    this.#timers.add(timer);
  }

  /** What is called in one turn of the event loop goes out in one write. */
  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    const { stream } = this.#calls;
    stream?.cork();
    setImmediate(() => {
      this.#isCorked = false;
      stream?.uncork();
    });
  }

  /** Finds connections that say nothing any more; on the live one an answer comes behind all that was to be delivered. */
  #ping(): void {
    if (this.#up) this.#calls.ping().catch(() => undefined);
    if (!this.#liveUp) return;
    const sentAt = performance.now();
    this.#live?.ping().then(
      () => this.#events.lag(this, performance.now() - sentAt),
      () => undefined,
    );
  }
}

/** INFO may be forbidden to the user; then nothing is known of the server. */
function allowed(error: unknown): string {
  if (failureOf(error).kind === 'permission') return '';
  throw error;
}
