import { CLOSE_CODES } from '../protocol/close-codes.ts';
import type { ConnectCause, Connected, ErrorMessage, Migrate, ServerMessage } from '../protocol/messages.ts';
import { type AnswersTo, hand } from './answers.ts';
import { afterLoss, type Decision, jittered, type LinkEnd } from './backoff.ts';
import type { Channels } from './channels.ts';
import { Connection, type ConnectionOwner, type Role } from './connection.ts';
import { Degradation } from './degradation.ts';
import { Dialer } from './dialer.ts';
import { ChatError } from './errors.ts';
import type { Transport } from './link.ts';
import { Moves } from './moves.ts';
import type { Settings } from './options.ts';
import { Patience } from './patience.ts';
import { Retirement } from './retirement.ts';
import { type Hindrance, Retry } from './retry.ts';
import type { Speech } from './speech.ts';
import type { ClientState, ConnectionChange, Migrated } from './state.ts';
import { Timers } from './timers.ts';
import { TransportChoice } from './transport-choice.ts';

/** A connection that held so long starts the back-off anew, ms. */
const STABLE_MS = 5_000;
/** Tokens in a row that may be refused, if a function gives them: one may have expired on the way. */
const MOST_REFUSED_TOKENS = 2;

/** Who is told. */
export interface ConnectionsOwner {
  state(state: ClientState): void;
  connection(change: ConnectionChange): void;
  migrated(migrated: Migrated): void;
  degraded(active: boolean): void;
  error(error: ErrorMessage): void;
}

/**
 * Keeps one connection that serves, if it can be had; while the client moves, two.
 *
 * idle, closed: none, and none is wanted. → connecting, by `connect`.
 * connecting: the current connection is being opened. It is greeted with all at once: connect, each subscribe from its position, each
 *   publish that is not acknowledged. → connected, by the gateway's answer. → waiting, when it ends.
 * connected: → waiting, when it ends, unless a next connection is being opened already: that one becomes the current.
 *   → connected, by a next one that takes over: all that is said goes there, what was not answered once more, and the old one retires.
 * waiting: → connecting, when `Retry` says so.
 * each of these → closed, by `close`, or when a connection ends in a way that makes it useless to come back.
 */
export class Connections implements ConnectionOwner {
  readonly #settings: Settings;
  readonly #channels: Channels;
  readonly #speech: Speech;
  readonly #owner: ConnectionsOwner;
  readonly #dialer: Dialer;
  readonly #timers: Timers;
  readonly #choice: TransportChoice;
  readonly #moves: Moves;
  readonly #retry: Retry;
  readonly #retirement: Retirement;
  readonly #degradation: Degradation;
  readonly #patience: Patience;
  readonly #answers: AnswersTo;
  #state: ClientState = { kind: 'idle' };
  #current: Connection | null = null;
  #next: Connection | null = null;
  #attempt = 0;
  #refusedTokens = 0;
  #wasConnected = false;
  #lastCode = 0;
  #stopWaking: (() => void) | null = null;

  constructor(settings: Settings, channels: Channels, speech: Speech, owner: ConnectionsOwner) {
    const { environment: env, backoff, transports, reconnectWhileHidden } = settings;
    this.#settings = settings;
    this.#channels = channels;
    this.#speech = speech;
    this.#owner = owner;
    this.#dialer = new Dialer(settings);
    this.#timers = new Timers(env);
    this.#retirement = new Retirement(this.#timers, (old) => this.#tellClosed(old, CLOSE_CODES.normal.code));
    this.#choice = new TransportChoice(transports);
    this.#patience = new Patience(settings.connectTimeoutMs);
    this.#degradation = new Degradation((active) => owner.degraded(active));
    this.#answers = {
      channels,
      speech,
      retirement: this.#retirement,
      connected: (connection, message) => this.#connected(connection, message),
      migrate: (connection, message) => this.#migrate(connection, message),
      degraded: (connection, { active }) => this.#degraded(connection, active),
      error: (error) => owner.error(error),
    };
    this.#moves = new Moves(env, backoff, (transport) => this.#open('next', 'migrate', transport));
    const parked = (reason: Hindrance) => this.#become({ kind: 'waiting', reason, code: this.#lastCode, nextAttemptInMs: null });
    const busy = () => speech.busy || channels.waiting;
    this.#retry = new Retry(env, { busy, due: () => this.#connectNow(), parked }, reconnectWhileHidden);
  }

  get state(): ClientState {
    return this.#state;
  }

  /** The connection's own `connected`; null when none serves. */
  get connected(): Connected | null {
    return this.#current?.connected ?? null;
  }

  /** Its gateway has lost what keeps the messages. */
  get degraded(): boolean {
    return this.#degradation.active;
  }

  connect(): void {
    if (this.#state.kind !== 'idle' && this.#state.kind !== 'closed') return;
    this.#attempt = 0;
    this.#refusedTokens = 0;
    this.#retry.changed();
    this.#stopWaking = this.#settings.environment.wake.onChange(() => {
      if (this.#retry.changed()) this.#current?.link.probe();
    });
    this.#connectNow();
  }

  /** There is something to say or to hear. */
  needed(): void {
    this.#retry.needed();
  }

  /** Ends everything. */
  close(code: number, reason: string): void {
    this.#stopWaking?.();
    this.#retry.cancel();
    this.#moves.cancel();
    this.#timers.clear();
    const open = [this.#current, this.#next].filter((connection) => connection !== null);
    this.#current = null;
    this.#next = null;
    this.#channels.connections.clear();
    this.#degradation.follow(null);
    const error = new ChatError('closed', reason);
    this.#speech.clear(error);
    this.#channels.clear(error);
    this.#retirement.clear();
    for (const connection of open) {
      connection.link.close();
      this.#tellClosed(connection, CLOSE_CODES.normal.code);
    }
    if (this.#state.kind !== 'closed') this.#become({ kind: 'closed', code, reason });
  }

  // What follows is what the connections tell.

  connectText(connection: Connection): string {
    return this.#dialer.connectText(connection);
  }

  subscribeTexts(connection: Connection): string[] {
    return this.#channels.subscribeTexts(connection);
  }

  opened(connection: Connection): void {
    const { link, role } = connection;
    if (link.transport === 'websocket') {
      link.send(connection.connectText());
      for (const text of connection.subscribeTexts()) link.send(text);
    }
    if (role === 'current') this.#speech.use(connection);
  }

  heard(connection: Connection, message: ServerMessage): void {
    hand(connection, message, this.#answers);
    if (connection.ready || !this.#channels.connections.has(connection)) return;
    if (this.#channels.isReady(connection)) this.#ready(connection);
  }

  ended(connection: Connection, end: LinkEnd): void {
    connection.inTime();
    this.#channels.connections.delete(connection);
    if (end.code === CLOSE_CODES.abnormal.code && connection.connected === null) this.#choice.failed(connection.link.transport);
    this.#tellClosed(connection, end.code);
    if (connection.role === 'retiring') this.#retirement.ended(connection);
    else if (connection === this.#next) {
      this.#next = null;
      this.#moves.failed(end);
    } else if (connection === this.#current) this.#lost(connection, end);
  }

  #connectNow(): void {
    this.#open('current', this.#wasConnected ? 'reconnect' : 'new', this.#choice.next);
  }

  #open(role: Role, cause: ConnectCause, transport: Transport): void {
    const connection = new Connection(role, cause, this, (listener) => this.#dialer.link(transport, listener));
    connection.beganAt = this.#settings.environment.now();
    this.#channels.connections.add(connection);
    // Who moves is served meanwhile.
    const ms = role === 'next' ? this.#settings.connectTimeoutMs : this.#patience.limit(Math.max(0, this.#attempt - 1));
    connection.inTime = this.#timers.after(ms, () =>
      connection.link.fail(CLOSE_CODES.abnormal.code, `no gateway answered within ${ms} ms`),
    );
    if (role === 'next') this.#next = connection;
    else {
      this.#current = connection;
      this.#become({ kind: 'connecting', transport, attempt: this.#attempt });
    }
    const wanted = () => this.#channels.connections.has(connection);
    this.#dialer.start(connection, wanted).catch((error: unknown) => {
      if (wanted())
        this.ended(connection, { code: CLOSE_CODES.internalError.code, reason: String(error), opened: false, retryAfterMs: null });
    });
  }

  #connected(connection: Connection, message: Connected): void {
    const before = connection.connected;
    connection.connected = message;
    if (before === null) {
      connection.inTime();
      connection.connectedAt = this.#settings.environment.now();
      this.#patience.answered(connection.connectedAt - connection.beganAt);
      connection.link.adapt(message);
      this.#choice.worked(connection.link.transport);
      this.#speech.limit(message.limits.messageBytes);
      this.#wasConnected = true;
      this.#refusedTokens = 0;
    }
    if (connection.role === 'current' && before === null) this.#becomeConnected(connection);
    if (before !== null && connection.migrateAsked !== null) this.#polledElsewhere(connection, connection.migrateAsked, before);
  }

  #ready(connection: Connection): void {
    connection.ready = true;
    this.#tellOpened(connection);
    if (connection === this.#next) this.#takeOver(connection);
    if (connection === this.#current) this.#moves.watch(this.#choice.fallenBack);
  }

  /** The next connection becomes the current one; the old retires when its last answers have come, or soon. */
  #takeOver(next: Connection): void {
    const old = this.#current;
    const move = this.#moves.done();
    if (old !== null) {
      old.role = 'retiring';
      this.#retirement.add(old, this.#speech.unanswered());
      this.#channels.connections.delete(old);
    }
    this.#makeCurrent(next);
    if (old !== null) {
      const { now } = this.#settings.environment;
      const tookMs = move === null ? 0 : now() - move.startedAt;
      const [from, to] = [old.connected?.gateway ?? '', next.connected?.gateway ?? ''];
      this.#owner.migrated({ reason: move?.reason ?? 'drain', from, to, tookMs });
      this.#retirement.begin(old);
    }
    if (next.migrateAsked !== null && next === this.#current) this.#moves.migrate(next.migrateAsked);
  }

  #makeCurrent(connection: Connection): void {
    this.#next = null;
    this.#current = connection;
    connection.role = 'current';
    this.#degradation.follow(connection);
    if (connection.open) this.#speech.use(connection);
    this.#channels.use(connection);
    if (connection.connected !== null) this.#becomeConnected(connection);
    else this.#become({ kind: 'connecting', transport: connection.link.transport, attempt: this.#attempt });
  }

  #migrate(connection: Connection, message: Migrate): void {
    if (connection.role === 'retiring') return;
    const waits = connection.role === 'next' || connection.link.transport === 'longpoll';
    if (waits) connection.migrateAsked = message;
    else this.#moves.migrate(message);
  }

  #degraded(connection: Connection, active: boolean): void {
    connection.degraded = active;
    if (connection === this.#current) this.#degradation.follow(connection);
  }

  /** A poll was answered with `migrate`, and the next one by whichever gateway: that is all it takes. */
  #polledElsewhere(connection: Connection, { reason }: Migrate, before: Connected): void {
    const { transport } = connection.link;
    const [from, to] = [before.gateway, connection.connected?.gateway ?? ''];
    connection.migrateAsked = null;
    this.#becomeConnected(connection);
    this.#owner.connection({ kind: 'opened', cause: 'migrate', transport, gateway: to });
    this.#owner.connection({ kind: 'closed', cause: connection.cause, transport, gateway: from, code: CLOSE_CODES.normal.code });
    this.#owner.migrated({ reason, from, to, tookMs: 0 });
  }

  #lost(connection: Connection, end: LinkEnd): void {
    this.#current = null;
    this.#speech.use(null);
    this.#lastCode = end.code;
    const { now } = this.#settings.environment;
    if (connection.connected !== null && now() - connection.connectedAt >= STABLE_MS) this.#attempt = 0;
    if (this.#next !== null) {
      this.#moves.done();
      this.#makeCurrent(this.#next);
      return;
    }
    this.#moves.cancel();
    this.#degradation.follow(null);
    const decision = this.#decide(connection, end);
    if (decision.kind === 'give-up') {
      this.close(end.code, end.reason || `closed with ${end.code}`);
      return;
    }
    this.#attempt++;
    const waiting: ClientState = { kind: 'waiting', reason: 'backing-off', code: end.code, nextAttemptInMs: decision.delayMs };
    this.#become(waiting);
    if (this.#state === waiting) this.#retry.wait(decision.delayMs, decision.hinted);
  }

  #decide({ connected, beganAt }: Connection, end: LinkEnd): Decision {
    const { backoff, environment, token } = this.#settings;
    const attempt = this.#attempt;
    const fresh = end.code === CLOSE_CODES.unauthorized.code && typeof token === 'function' && this.#refusedTokens++ < MOST_REFUSED_TOKENS;
    if (fresh) return { kind: 'wait', delayMs: jittered(backoff, attempt, environment.random()), hinted: false };
    const triedMs = connected === null && end.code === CLOSE_CODES.abnormal.code ? environment.now() - beganAt : 0;
    return afterLoss({ end, attempt, spreadMs: connected?.reconnectSpreadMs ?? null, triedMs }, backoff, environment.random());
  }

  #becomeConnected({ link, connected }: Connection): void {
    if (connected === null) return;
    const { gateway, member } = connected;
    this.#become({ kind: 'connected', transport: link.transport, gateway, member });
  }

  #become(state: ClientState): void {
    this.#state = state;
    this.#owner.state(state);
  }

  #tellOpened({ cause, link, connected }: Connection): void {
    this.#owner.connection({ kind: 'opened', cause, transport: link.transport, gateway: connected?.gateway ?? '' });
  }

  #tellClosed({ ready, cause, link, connected }: Connection, code: number): void {
    if (ready) this.#owner.connection({ kind: 'closed', cause, transport: link.transport, gateway: connected?.gateway ?? '', code });
  }
}
