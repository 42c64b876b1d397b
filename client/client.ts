import { CLOSE_CODES } from '../protocol/close-codes.ts';
import type { ErrorMessage, HistoryPage, Member } from '../protocol/messages.ts';
import { Channel, type ChannelOwner, type HistoryOptions } from './channel.ts';
import { Channels } from './channels.ts';
import { Connections } from './connections.ts';
import { ChatError } from './errors.ts';
import { Emitter } from './events.ts';
import { checkName } from './names.ts';
import { type ClientOptions, type Settings, settings } from './options.ts';
import type { PublishResult } from './outbox.ts';
import { Speech } from './speech.ts';
import type { ClientState, ConnectionChange, Migrated } from './state.ts';
import type { SubscribeOptions, SubscribeResult, Subscription } from './subscription.ts';

/** What happens to a client. */
export interface ClientEvents {
  state: ClientState;
  connection: ConnectionChange;
  migrated: Migrated;
  /** The gateway has lost what keeps the messages (`active`): nothing new comes, what is published waits; or it is back. */
  degraded: { readonly active: boolean };
  /** A gateway refused something that nobody waits for: an event, say. */
  error: ErrorMessage;
}

/** How long `close` waits for acknowledgements, ms. */
const FLUSH_MS = 5_000;

/** A chat client: one session, its channels, and whatever connections it takes. Nothing starts before `connect`. */
export class ChatClient {
  readonly #settings: Settings;
  readonly #events = new Emitter<ClientEvents>();
  readonly #channels: Channels;
  readonly #speech: Speech;
  readonly #connections: Connections;
  readonly #byName = new Map<string, Channel>();
  readonly #idPrefix: string;
  #ids = 0;
  #closing: Promise<void> | null = null;

  /** Throws a TypeError that names the option at fault. */
  constructor(options: ClientOptions) {
    this.#settings = settings(options);
    const { environment, outbox, requestTimeoutMs } = this.#settings;
    this.#channels = new Channels(environment);
    this.#speech = new Speech(environment, outbox, requestTimeoutMs);
    this.#connections = new Connections(this.#settings, this.#channels, this.#speech, {
      state: (state) => this.#events.emit('state', state),
      connection: (change) => this.#events.emit('connection', change),
      migrated: (migrated) => this.#events.emit('migrated', migrated),
      degraded: (active) => this.#events.emit('degraded', { active }),
      error: (error) => this.#events.emit('error', error),
    });
    this.#idPrefix = environment.randomId().slice(0, 16);
  }

  get state(): ClientState {
    return this.#connections.state;
  }

  /** Secret; given to a later client as its option, that is the same member. */
  get session(): string {
    return this.#settings.session;
  }

  /** How others see this session; null while it is not connected. */
  get member(): string | null {
    return this.#connections.connected?.member ?? null;
  }

  /** The gateway that serves has lost what keeps the messages; what was missed comes when it is back. False while none serves. */
  get degraded(): boolean {
    return this.#connections.degraded;
  }

  /** Messages that were published and are not acknowledged. */
  get unacknowledged(): number {
    return this.#speech.unacknowledged;
  }

  /** Calls `listener` at each event of this name; returns what ends it. */
  on<Name extends keyof ClientEvents>(name: Name, listener: (value: ClientEvents[Name]) => void): () => void {
    return this.#events.on(name, listener);
  }

  off<Name extends keyof ClientEvents>(name: Name, listener: (value: ClientEvents[Name]) => void): void {
    this.#events.off(name, listener);
  }

  /** Connects, and stays connected until `close`. Does nothing when it is under way. */
  connect(): void {
    if (this.#closing === null) this.#connections.connect();
  }

  /**
   * Ends the client. While a gateway serves it, waits at most `flushMs` for what is not acknowledged; the rest is rejected with `closed`.
   * Afterwards `connect` may start it again.
   */
  close({ flushMs = FLUSH_MS }: { readonly flushMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(flushMs).finally(() => {
      this.#closing = null;
    });
    return this.#closing;
  }

  /** The channel of this name, always the same object. Throws a ChatError when the name is none. */
  channel(name: string): Channel {
    checkName('channel', name);
    const known = this.#byName.get(name) ?? new Channel(this.#channels.get(name), this.#owner);
    this.#byName.set(name, known);
    return known;
  }

  readonly #owner: ChannelOwner = {
    subscribe: (subscription, options) => this.#subscribe(subscription, options),
    unsubscribe: (subscription) => this.#channels.unsubscribe(subscription),
    publish: (channel, data, id) => this.#publish(channel, data, id),
    sendEvent: (channel, name, data) => {
      checkName('event', name);
      return this.#speech.sendEvent(channel, name, data);
    },
    history: (channel, page) => this.#history(channel, page),
    presence: (channel) => this.#presence(channel),
  };

  async #close(flushMs: number): Promise<void> {
    const { environment: env } = this.#settings;
    if (this.#connections.connected !== null && flushMs > 0) {
      let timer: unknown;
      const late = new Promise<void>((resolve) => {
        timer = env.setTimeout(resolve, flushMs);
      });
      await Promise.race([this.#speech.flushed(), late]);
      env.clearTimeout(timer);
    }
    this.#connections.close(CLOSE_CODES.normal.code, 'The client was closed.');
  }

  #subscribe(subscription: Subscription, options: SubscribeOptions): Promise<SubscribeResult> {
    const result = this.#channels.subscribe(subscription, options);
    this.#connections.needed();
    return result;
  }

  async #publish(channel: string, data: unknown, id: string | undefined): Promise<PublishResult> {
    const { kind } = this.state;
    if (this.#closing !== null || kind === 'closed') throw new ChatError('closed', 'The client is closed.');
    if (id !== undefined) checkName('id', id);
    const text = asJson(data);
    if (text === null) throw new ChatError('bad-data', 'The data is not JSON: give objects, lists, texts, numbers, booleans or null.');
    const result = this.#speech.publish(channel, id ?? this.#newId(), text);
    this.#connections.needed();
    return result;
  }

  #history(channel: string, { before, limit }: HistoryOptions): Promise<HistoryPage> {
    const range = { ...(before === undefined ? {} : { before }), ...(limit === undefined ? {} : { limit }) };
    const answer = this.#speech.ask({ type: 'history', id: this.#newId(), channel, ...range });
    this.#connections.needed();
    return answer;
  }

  async #presence(channel: string): Promise<readonly Member[]> {
    const answer = this.#speech.ask({ type: 'presence', id: this.#newId(), channel });
    this.#connections.needed();
    return (await answer).members;
  }

  #newId(): string {
    return `${this.#idPrefix}-${(this.#ids++).toString(36)}`;
  }
}

function asJson(data: unknown): string | null {
  try {
    return JSON.stringify(data) ?? null;
  } catch {
    return null;
  }
}
