import type { Subscribe } from '../../protocol/messages.ts';
import type { Position } from '../../protocol/position.ts';
import type { Subscriber, Subscription } from '../channels/subscription.ts';
import { later, refusal, say } from './say.ts';
import type { Session } from './session.ts';
import { SessionPresence } from './session-presence.ts';

/** The channels that one session is subscribed to, and present in. Each subscribe and unsubscribe gets exactly one answer. */
export class SessionChannels implements Subscriber {
  readonly #session: Session;
  readonly #subscriptions: Subscription[] = [];
  #presence: SessionPresence | null;
  /** The presence versions that the client knows, of subscriptions that are not live yet. */
  #knownVersions: Map<Subscription, string> | null = null;

  /** `presence`: what outlives this connection, over long polling. */
  constructor(session: Session, presence: SessionPresence | null) {
    this.#session = session;
    this.#presence = presence;
  }

  /** Those that take part in presence. */
  get presentIn(): ReadonlySet<string> {
    return new Set(this.#subscriptions.filter(({ presence }) => presence).map(({ channel }) => channel.name));
  }

  subscribe({ channel, position, presence, presenceVersion }: Subscribe): void {
    const { context, transport } = this.#session;
    // Asked for anew, for example from another position: the later one holds.
    this.#drop(channel);
    if (presence !== true) this.#presence?.leave(channel);
    const max = context.settings.channelsPerConnection;
    if (this.#subscriptions.length >= max) {
      const text = `The connection is subscribed to ${max} channels, the most that it may; unsubscribe from one first.`;
      transport.send(say(refusal('too-many-channels', text, { channel })));
      return;
    }
    this.#session.asked();
    const subscription = context.hub.subscribe(channel, transport, this, presence === true, position ?? null);
    this.#subscriptions.push(subscription);
    if (presence !== true || presenceVersion === undefined) return;
    this.#knownVersions ??= new Map();
    this.#knownVersions.set(subscription, presenceVersion);
  }

  unsubscribe(channel: string): void {
    this.#drop(channel);
    this.#presence?.leave(channel);
    this.#session.transport.send(say({ type: 'unsubscribed', channel }));
  }

  /** The client was asked to move: its next connection shall keep the presence. */
  yieldPresence(): void {
    this.#presence?.yield();
  }

  /** Ends all. `presence`: it leaves at once, leaves unless the client comes back, or stays for the next poll. */
  end(presence: 'leave' | 'leave-later' | 'keep'): void {
    for (const subscription of this.#subscriptions) this.#session.context.hub.unsubscribe(subscription);
    this.#subscriptions.length = 0;
    this.#knownVersions = null;
    if (presence !== 'keep') this.#presence?.end(presence === 'leave');
    this.#presence = null;
  }

  // What the hub tells.

  subscribed({ channel, waiting }: Subscription, position: Position, recovered: boolean): void {
    const text = say({ type: 'subscribed', channel: channel.name, position, recovered });
    // A client without a position must learn it; one that had it learns nothing new.
    if (waiting?.fresh === true || !recovered) this.#session.answer(text);
    else this.#session.answerInPassing(text);
  }

  gap({ channel }: Subscription, from: Position, to: Position): void {
    this.#session.transport.send(say({ type: 'gap', channel: channel.name, from, to }));
  }

  live(subscription: Subscription): void {
    if (!subscription.presence) return;
    const known = this.#knownVersions?.get(subscription);
    this.#knownVersions?.delete(subscription);
    // Only now: a change after the answer reaches a live subscription, so that none is missed.
    this.#session.asked();
    void this.#enter(subscription.channel.name, known);
  }

  failed(subscription: Subscription): void {
    const text = say(this.#session.unavailable({ channel: subscription.channel.name }));
    if (subscription.waiting?.told === true) this.#session.transport.send(text);
    else this.#session.answer(text);
    this.#forget(subscription);
  }

  async #enter(channel: string, known: string | undefined): Promise<void> {
    const session = this.#session;
    this.#presence ??= new SessionPresence(session.context.presence, null);
    try {
      const { version, members } = await this.#presence.join(channel, session.identity);
      if (version === known) session.answered();
      else session.answer(say({ type: 'presence', channel, version, members }));
    } catch {
      // The keeper tries again; until then the client may ask who is there.
      session.answer(say(session.unavailable({ channel })));
    }
  }

  #drop(channel: string): void {
    const subscription = this.#subscriptions.find(({ channel: { name } }) => name === channel);
    if (subscription === undefined) return;
    this.#session.context.hub.unsubscribe(subscription);
    this.#forget(subscription);
    if (subscription.waiting?.told !== false) return;
    const text = 'Another subscribe or unsubscribe of the channel came before this one was answered; the later one holds.';
    this.#session.answer(say(later('unavailable', text, 0, { channel })));
  }

  #forget(subscription: Subscription): void {
    const index = this.#subscriptions.indexOf(subscription);
    if (index >= 0) this.#subscriptions.splice(index, 1);
    this.#knownVersions?.delete(subscription);
  }
}
