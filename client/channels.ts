import type { ErrorMessage, Event, Gap, Message, ServerMessage, Subscribed, Unsubscribed } from '../protocol/messages.ts';
import { asHint } from './backoff.ts';
import type { Connection } from './connection.ts';
import type { Environment } from './environment.ts';
import { ChatError } from './errors.ts';
import { news, type PresenceMessage } from './presence.ts';
import { RETRY_MS } from './speech.ts';
import { Stream, type Verdict } from './stream.ts';
import { type SubscribeOptions, type SubscribeResult, Subscription } from './subscription.ts';
import { Timers } from './timers.ts';

/** A connection whose streams were asked for anew so often, without a message that followed, is beyond repair. */
const MOST_ASKED_AGAIN = 5;

/**
 * What the client hears of its channels. Each is subscribed on the current connection and on the one that is to replace it. Messages and
 * gaps count from whichever is first (`Stream` says how); presence and events only from the current one, since they have no positions.
 */
export class Channels {
  /** Connections that are told of each subscribe and unsubscribe. */
  readonly connections = new Set<Connection>();
  readonly #env: Environment;
  readonly #timers: Timers;
  readonly #subscriptions = new Map<string, Subscription>();

  constructor(env: Environment) {
    this.#env = env;
    this.#timers = new Timers(env);
  }

  /** Somebody waits for a channel's stream to start. */
  get waiting(): boolean {
    return this.#wanted().some(({ waiting }) => waiting);
  }

  get(name: string): Subscription {
    const known = this.#subscriptions.get(name) ?? new Subscription(name);
    this.#subscriptions.set(name, known);
    return known;
  }

  subscribe(subscription: Subscription, { position, presence = false }: SubscribeOptions): Promise<SubscribeResult> {
    const started = subscription.start();
    if (subscription.wanted && subscription.presence === presence) return started;
    if (!subscription.wanted) subscription.want(position ?? null);
    subscription.presence = presence;
    for (const connection of this.connections) this.#ask(connection, subscription);
    return started;
  }

  unsubscribe(subscription: Subscription): void {
    if (!subscription.wanted) return;
    subscription.leave(new ChatError('unsubscribed', `The channel ${subscription.name} was left.`));
    for (const connection of this.connections) this.#leave(connection, subscription.name);
  }

  /** Subscribes of all channels from our positions: the streams of this connection start anew. */
  subscribeTexts({ streams }: Connection): string[] {
    const now = this.#env.now();
    streams.clear();
    return this.#wanted().flatMap((subscription) => {
      if (subscription.heldUntil > now) return [];
      streams.set(subscription.name, new Stream());
      return [subscription.text()];
    });
  }

  /** Whether every channel's stream is live on it. */
  isReady({ connected, streams }: Connection): boolean {
    return connected !== null && this.#wanted().every(({ name }) => streams.get(name)?.state === 'live');
  }

  /** It is the current one now: what it heard of presence counts, and its streams are told of. */
  use(connection: Connection): void {
    const log = connection.presenceLog.splice(0);
    for (const subscription of this.#wanted()) {
      const { name, members, position } = subscription;
      const ofChannel = log.filter(({ channel }) => channel === name);
      for (const message of news(ofChannel, members.version)) this.#presence(connection, message);
      const live = connection.streams.get(name)?.state === 'live';
      if (live && position !== null) this.#announce(connection, subscription, { position, recovered: true });
    }
  }

  /** Hears what is about channels, and leaves the rest. */
  hear(connection: Connection, message: ServerMessage): void {
    switch (message.type) {
      case 'message':
        this.#message(connection, message);
        break;
      case 'subscribed':
        this.#subscribed(connection, message);
        break;
      case 'unsubscribed':
        this.#unsubscribed(connection, message);
        break;
      case 'gap':
        this.#gap(connection, message);
        break;
      case 'presence':
      case 'join':
      case 'leave':
        this.#presence(connection, message);
        break;
      case 'event':
        this.#event(connection, message);
        break;
    }
  }

  #message(connection: Connection, message: Message): void {
    const subscription = this.#subscriptions.get(message.channel);
    const stream = connection.streams.get(message.channel);
    if (subscription === undefined || stream === undefined) return;
    const verdict = stream.message(message, subscription.position, (id) => subscription.had(id));
    if (verdict === 'take') {
      connection.askedAgain = 0;
      subscription.message(message);
    } else this.#askIf(verdict, connection, subscription);
  }

  #gap(connection: Connection, gap: Gap): void {
    const subscription = this.#subscriptions.get(gap.channel);
    const stream = connection.streams.get(gap.channel);
    if (subscription === undefined || stream === undefined) return;
    const from = subscription.position;
    const verdict = stream.gap(gap, from);
    if (verdict === 'take' && from !== null) subscription.gap(gap, from);
    else this.#askIf(verdict, connection, subscription);
  }

  #subscribed(connection: Connection, answer: Subscribed): void {
    const subscription = this.#subscriptions.get(answer.channel);
    const stream = connection.streams.get(answer.channel);
    if (subscription === undefined || stream === undefined) return;
    const verdict = stream.subscribed(answer, subscription.position);
    if (verdict === 'take' && subscription.wanted) {
      subscription.position ??= answer.position;
      const result = { position: answer.recovered ? subscription.position : answer.position, recovered: answer.recovered };
      subscription.started(result);
      if (connection.role === 'current') this.#announce(connection, subscription, result);
    } else this.#askIf(verdict, connection, subscription);
  }

  #unsubscribed({ streams }: Connection, { channel }: Unsubscribed): void {
    streams.get(channel)?.unsubscribed();
    if (this.#subscriptions.get(channel)?.wanted !== true) streams.delete(channel);
  }

  #presence(connection: Connection, message: PresenceMessage): void {
    const subscription = this.#subscriptions.get(message.channel);
    if (subscription?.presence !== true) return;
    if (connection.role === 'next') connection.presenceLog.push(message);
    if (connection.role !== 'current') return;
    const { events, members } = subscription;
    const { joined, left } = members.apply(message);
    for (const member of left) events.emit('leave', member);
    for (const member of joined) events.emit('join', member);
    if (message.type === 'presence' || joined.length + left.length > 0) events.emit('members', members.list());
  }

  #event({ role }: Connection, event: Event): void {
    const subscription = this.#subscriptions.get(event.channel);
    if (role === 'current' && subscription?.wanted) subscription.events.emit('event', event);
  }

  /** An error that names a channel and nothing else; false when it is not about the channel's stream. */
  refused(connection: Connection, channel: string, error: ErrorMessage): boolean {
    const subscription = this.#subscriptions.get(channel);
    const stream = connection.streams.get(channel);
    const kind = stream?.error(error.code === 'unavailable') ?? 'foreign';
    if (subscription === undefined || kind === 'foreign') return false;
    if (kind === 'superseded' || !subscription.wanted) return true;
    if (error.retryable) this.#hold(subscription, asHint(error.retryAfterMs) ?? this.#env.random() * RETRY_MS);
    else {
      const refusal = ChatError.from(error);
      subscription.leave(refusal);
      for (const { streams } of this.connections) streams.delete(channel);
      subscription.events.emit('error', refusal);
    }
    return true;
  }

  /** Nobody who waits will be answered. */
  clear(error: ChatError): void {
    this.#timers.clear();
    for (const subscription of this.#subscriptions.values()) {
      subscription.heldUntil = 0;
      subscription.reject(error);
    }
  }

  /** Asks again, later, on each connection where it was refused. */
  #hold(subscription: Subscription, ms: number): void {
    subscription.heldUntil = this.#env.now() + ms;
    this.#timers.after(ms, () => {
      subscription.heldUntil = 0;
      if (!subscription.wanted) return;
      for (const connection of this.connections) {
        const stream = connection.streams.get(subscription.name);
        if (stream === undefined || stream.state === 'refused') this.#ask(connection, subscription);
      }
    });
  }

  #askIf(verdict: Verdict, connection: Connection, subscription: Subscription): void {
    if (verdict !== 'ask-again' || !subscription.wanted) return;
    connection.askedAgain++;
    if (connection.askedAgain > MOST_ASKED_AGAIN) connection.link.fail(1011, `the stream of ${subscription.name} does not follow`);
    else this.#ask(connection, subscription);
  }

  #ask({ streams, link }: Connection, subscription: Subscription): void {
    const stream = streams.get(subscription.name);
    if (stream === undefined) streams.set(subscription.name, new Stream());
    else stream.asked();
    link.sendSubscription(subscription.text());
  }

  #leave({ streams, link, announced }: Connection, channel: string): void {
    announced.delete(channel);
    streams.get(channel)?.left();
    link.sendSubscription(JSON.stringify({ type: 'unsubscribe', channel }));
  }

  #announce({ announced, cause }: Connection, { name, events }: Subscription, result: SubscribeResult): void {
    if (announced.has(name)) return;
    announced.add(name);
    events.emit('subscribed', { channel: name, ...result, cause });
  }

  #wanted(): Subscription[] {
    return [...this.#subscriptions.values()].filter(({ wanted }) => wanted);
  }
}
