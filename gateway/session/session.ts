import type { ClientMessage, Connect, ErrorMessage, Migrate } from '../../protocol/messages.ts';
import { type ParseResult, parseClientMessage } from '../../protocol/parse.ts';
import { SessionChannels } from './channels.ts';
import type { AuthResult, SessionContext } from './context.ts';
import { Limiter, type Passage } from './limiter.ts';
import { memberOf } from './member.ts';
import { answerHistory, answerPresence, publish, sendEvent } from './requests.ts';
import { type About, later, refusal, say } from './say.ts';
import type { Identity, SessionPresence } from './session-presence.ts';
import type { Transport } from './transport.ts';

/** What a client may say while its token is checked, in characters. */
const MAX_EARLY = 1_048_576;

/** What the broker could not do is tried again after so long at least, and a random time below the spread more, ms. */
const LEAST_WAIT_MS = 500;
const SPREAD_MS = 1_500;
const LONGEST_SPREAD_MS = 5_000;

/** What over long polling outlives the single poll. */
export interface Lasting {
  readonly limiter: Limiter;
  readonly presence: SessionPresence;
}

/**
 * - new: only `connect` is understood. → checking | connected | ended
 * - checking: the token is being checked; what the client says meanwhile waits its turn. → connected | ended
 * - connected: everything but another `connect`. → ended
 * - ended: nothing is heard or said any more. Answers that come late are dropped.
 */
type State = 'new' | 'checking' | 'connected' | 'ended';

/** What one client on one connection may say and hears, whatever carries it. */
export class Session {
  readonly context: SessionContext;
  readonly transport: Transport;
  readonly #limiter: Limiter;
  readonly #channels: SessionChannels;
  #state: State = 'new';
  #early: ParseResult[] | null = null;
  #earlyLength = 0;
  #unanswered = 0;
  #member = '';
  #name: string | undefined;
  #canMigrate = false;
  #migrate: Migrate | null = null;
  /** The client was told last that the broker is degraded. */
  #toldDegraded = false;

  constructor(context: SessionContext, transport: Transport, lasting?: Lasting) {
    this.context = context;
    this.transport = transport;
    this.#limiter = lasting?.limiter ?? new Limiter(context.settings, context.now());
    this.#channels = new SessionChannels(this, lasting?.presence ?? null);
  }

  get isConnected(): boolean {
    return this.#state === 'connected';
  }

  get isEnded(): boolean {
    return this.#state === 'ended';
  }

  /** Something that it was asked is not answered yet. */
  get isBusy(): boolean {
    return this.#unanswered > 0 || this.#state === 'checking';
  }

  /** Who the client is to others. */
  get identity(): Identity {
    return { member: this.#member, name: this.#name, connection: this.transport.connectionId };
  }

  /** The channels in which the client takes part in presence. */
  get presentIn(): ReadonlySet<string> {
    return this.#channels.presentIn;
  }

  /** Hears one message, JSON. */
  receive(text: string): void {
    if (this.#state !== 'ended') this.hear(parseClientMessage(text), text.length);
  }

  /** Hears one message that was read already, from `length` characters. */
  hear(read: ParseResult, length: number): void {
    if (this.#state === 'ended') return;
    if (this.#state === 'checking') {
      this.#hearLater(read, length);
      return;
    }
    this.context.counters.received++;
    if (read.kind === 'error') this.#unreadable(read.error);
    else if (this.#state === 'new') this.#first(read.message);
    else this.#pass(read.message);
  }

  /** Asks the client to move, once it is connected. A client that can't is left alone. */
  migrate(message: Migrate): void {
    if (this.#state !== 'connected') {
      this.#migrate = message;
    } else if (this.#canMigrate) {
      this.#channels.yieldPresence();
      this.transport.send(say(message));
    }
  }

  /** Tells the client, once it is connected, that the broker is degraded, or is so no more. */
  degraded(degraded: boolean): void {
    if (this.#state !== 'connected' || degraded === this.#toldDegraded) return;
    this.#toldDegraded = degraded;
    this.transport.send(say({ type: 'degraded', active: degraded }));
  }

  /** The connection has ended, or ends. `presence`: see SessionChannels. */
  end(presence: 'leave' | 'leave-later' | 'keep'): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#early = null;
    this.#channels.end(presence);
  }

  /** Counts something that will be answered. */
  asked(): void {
    this.#unanswered++;
  }

  /** What was counted has been answered, or needs no word. */
  answered(): void {
    this.#unanswered--;
    if (this.#state !== 'ended') this.transport.settled();
  }

  /** Says the answer to what was counted. */
  answer(text: string): void {
    if (this.#state !== 'ended') this.transport.send(text);
    this.answered();
  }

  /** The same, when the client learns nothing new by it. */
  answerInPassing(text: string): void {
    if (this.#state !== 'ended') this.transport.note(text);
    this.answered();
  }

  /** The error for what the broker can't do now. */
  unavailable(about: About): ErrorMessage {
    const { watch, random } = this.context;
    // The longer it lasts, the less does it matter when exactly a client is back, and the more it does that they don't come all at once.
    const spreadMs = Math.min(LONGEST_SPREAD_MS, Math.max(SPREAD_MS, watch.awayMs / 2));
    return later('unavailable', 'The broker does not answer now; try again.', LEAST_WAIT_MS + spreadMs * random(), about);
  }

  #hearLater(read: ParseResult, length: number): void {
    this.#earlyLength += length;
    if (this.#earlyLength > MAX_EARLY) {
      this.#give(refusal('bad-message', 'Too much was sent before the gateway said connected; wait for it.'));
      this.transport.close('badMessage');
      return;
    }
    this.#early ??= [];
    this.#early.push(read);
  }

  #unreadable(error: ErrorMessage): void {
    this.#give(error);
    if (this.#state === 'new' || this.#limiter.unreadable()) this.transport.close('badMessage');
  }

  #first(message: ClientMessage): void {
    if (message.type !== 'connect') {
      this.#give(refusal('not-connected', `The first message is ${message.type}; send connect first.`));
      this.transport.close('badMessage');
      return;
    }
    const checked = this.context.authenticate(message.token, message);
    if (!(checked instanceof Promise)) {
      this.#checked(message, checked);
      return;
    }
    this.#state = 'checking';
    checked.then(
      (result) => this.#checked(message, result),
      (error: unknown) => {
        this.context.log.error({ err: error }, 'a token could not be checked');
        if (this.#state !== 'ended') this.transport.close('internalError');
      },
    );
  }

  #checked(connect: Connect, result: AuthResult): void {
    if (this.#state === 'ended') return;
    if (result.kind === 'refused') {
      this.#give(refusal('unauthorized', result.message));
      this.transport.close('unauthorized');
      return;
    }
    this.#state = 'connected';
    this.#member = memberOf(connect.session);
    this.#name = result.name ?? connect.name;
    this.#canMigrate = connect.features?.includes('migrate') === true;
    this.#welcome();
    if (this.#migrate !== null) this.migrate(this.#migrate);
    const early = this.#early;
    this.#early = null;
    for (const read of early ?? []) this.hear(read, 0);
    if (!this.isEnded) this.transport.settled();
  }

  #welcome(): void {
    const { name, admission, settings, watch } = this.context;
    const { heartbeatMs, messageBytes, channelsPerConnection: channels, messagesPerSecond } = settings;
    const reconnectSpreadMs = Math.ceil(admission.reconnectSpreadMs());
    const limits = { messageBytes, channels, messagesPerSecond };
    this.transport.note(say({ type: 'connected', gateway: name, member: this.#member, heartbeatMs, reconnectSpreadMs, limits }));
    this.#toldDegraded = watch.degraded;
    if (watch.degraded) this.transport.note(say({ type: 'degraded', active: true }));
  }

  #pass(message: ClientMessage): void {
    const { settings, now } = this.context;
    const isSubscribe = message.type === 'subscribe';
    const passage = isSubscribe ? this.#limiter.subscribe(settings, now()) : this.#limiter.message(settings, now());
    if (passage.kind === 'pass') this.#obey(message);
    else this.#slowDown(message, passage);
  }

  #slowDown(message: ClientMessage, passage: Exclude<Passage, { kind: 'pass' }>): void {
    const { counters, settings, random } = this.context;
    counters.rateLimited++;
    if (passage.kind === 'abuse') {
      this.transport.close('tryAgainLater', Math.ceil(5_000 + 5_000 * random()));
      return;
    }
    const text = `More than ${settings.messagesPerSecond} messages a second; send it again after retryAfterMs.`;
    const channel = 'channel' in message ? { channel: message.channel } : null;
    const id = 'id' in message ? { id: message.id } : null;
    this.#give(later('rate-limited', text, passage.retryAfterMs, { ...channel, ...id }));
  }

  #obey(message: ClientMessage): void {
    switch (message.type) {
      case 'connect':
        this.#give(refusal('bad-message', 'connect came a second time; it is only the first message of a connection.'));
        break;
      case 'subscribe':
        this.#channels.subscribe(message);
        break;
      case 'unsubscribe':
        this.#channels.unsubscribe(message.channel);
        break;
      case 'publish':
        publish(this, message);
        break;
      case 'event':
        sendEvent(this, message);
        break;
      case 'history':
        answerHistory(this, message);
        break;
      case 'presence':
        answerPresence(this, message);
        break;
      case 'ping':
        this.transport.send('{"type":"pong"}');
        break;
    }
  }

  #give(error: ErrorMessage): void {
    this.transport.send(say(error));
  }
}
