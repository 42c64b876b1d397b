import type { Member } from '../../../protocol/messages.ts';
import type { Epoch, Position } from '../../../protocol/position.ts';
import type { ChannelListener, EphemeralEvent, HistoryLimits, NewMessage, PresenceEntry, PresenceState, Stored } from '../broker.ts';
import { History } from './history.ts';
import { Listeners } from './listeners.ts';
import { Presence } from './presence.ts';
import { type IdLimits, RememberedIds } from './remembered-ids.ts';

/** How much a channel keeps. */
export interface ChannelLimits {
  readonly history: HistoryLimits;
  readonly ids: IdLimits;
  /** A channel that holds nothing, and that nobody listens to, ends after so long; the next one of its name has a new epoch. */
  readonly idleMs: number;
}

/**
 * One life of a channel: from its first use until it is idle. Its `now` is monotonic, ms.
 * `dueAt` is never later than the time at which something of it expires, so that a sweep over all channels looks at one number each.
 */
export class Channel {
  readonly history: History;
  readonly #ids = new RememberedIds();
  readonly #presence: Presence;
  readonly #listeners = new Listeners();
  #usedAt: number;
  #dueAt: number;

  constructor(epoch: Epoch, now: number, limits: ChannelLimits) {
    this.history = new History(epoch);
    this.#presence = new Presence(epoch);
    this.#usedAt = now;
    this.#dueAt = now + limits.idleMs;
  }

  get dueAt(): number {
    return this.#dueAt;
  }

  publish(message: NewMessage, time: number, now: number, limits: ChannelLimits): Stored {
    const first = this.#ids.find(message.id);
    if (first !== undefined) return { position: first, duplicate: true };
    const stored = this.history.append(message, time, now);
    if (this.history.length > limits.history.maxMessages) this.history.trim(limits.history, now);
    this.#ids.add(message.id, stored.position, now);
    if (this.#ids.size > limits.ids.maxIds) this.#ids.trim(limits.ids, now);
    this.#due(now + Math.min(limits.history.maxAgeMs, limits.ids.maxAgeMs));
    this.#listeners.tell((listener) => listener.message(stored));
    return { position: stored.position, duplicate: false };
  }

  sendEvent(event: EphemeralEvent): void {
    this.#listeners.tell((listener) => listener.event(event));
  }

  listen(key: object, listener: ChannelListener): Position {
    this.#listeners.set(key, listener);
    return this.history.head;
  }

  /** Returns whether `key` had been listening. */
  unlisten(key: object, now: number, limits: ChannelLimits): boolean {
    this.#due(now + limits.idleMs);
    return this.#listeners.delete(key);
  }

  join(entry: PresenceEntry, ttlMs: number, now: number): PresenceState {
    const joined = this.#presence.join(entry, now + ttlMs);
    this.#due(now + ttlMs);
    if (joined !== null) this.#tellPresence('join', joined);
    return this.#presence.state();
  }

  leave(member: string, connection: string): void {
    const left = this.#presence.leave(member, connection);
    if (left !== null) this.#tellPresence('leave', left);
  }

  presence(): PresenceState {
    return this.#presence.state();
  }

  /** Notes that the channel is used now. */
  touch(now: number): void {
    this.#usedAt = now;
  }

  /** Lets go of what has expired. False when nothing is left to keep and it may end. */
  settle(now: number, limits: ChannelLimits): boolean {
    this.history.trim(limits.history, now);
    this.#ids.trim(limits.ids, now);
    this.#presence.expire(now, (member) => this.#tellPresence('leave', member));
    const holdsNothing = this.history.length === 0 && this.#ids.size === 0 && this.#presence.size === 0 && this.#listeners.size === 0;
    if (holdsNothing && this.#usedAt + limits.idleMs <= now) return false;
    this.#dueAt = Math.min(
      later(this.history.oldestAt, limits.history.maxAgeMs),
      later(this.#ids.oldestAt, limits.ids.maxAgeMs),
      this.#presence.dueAt,
      holdsNothing ? this.#usedAt + limits.idleMs : Number.POSITIVE_INFINITY,
    );
    return true;
  }

  #due(at: number): void {
    if (at < this.#dueAt) this.#dueAt = at;
  }

  #tellPresence(kind: 'join' | 'leave', member: Member): void {
    const change = { kind, member, version: this.#presence.version };
    this.#listeners.tell((listener) => listener.presence(change));
  }
}

function later(since: number | null, ms: number): number {
  return since === null ? Number.POSITIVE_INFINITY : since + ms;
}
