import type { Member } from '../../../protocol/messages.ts';
import type { PresenceEntry, PresenceState } from '../broker.ts';
import { PresenceReplicas } from '../presence-replicas.ts';
import type { Caller } from './caller.ts';
import { encodeText, type Notification } from './entry.ts';
import { FreshNames } from './fresh-names.ts';
import { keysOf } from './keys.ts';
import { SCRIPTS, type Script } from './scripts.ts';

/** What presence needs. Times are ms. */
export interface PresenceDeps {
  readonly caller: Caller;
  readonly keyPrefix: string;
  readonly timeoutMs: number;
  /** Monotonic. */
  readonly now: () => number;
  /** The channel is delivered live: what happens to its presence is heard. */
  readonly isHeard: (channel: string) => boolean;
}

/** Who is in the channels. Whose time is over is found by the next that calls for a channel, and by those who listen to it, when that is due. */
export class Presence {
  readonly #deps: PresenceDeps;
  readonly #names = new FreshNames();
  readonly #replicas = new PresenceReplicas();
  /** When somebody may expire in a channel that is listened to; monotonic, ms. */
  readonly #dueAt = new Map<string, number>();

  constructor(deps: PresenceDeps) {
    this.#deps = deps;
  }

  async join(channel: string, { member, name, connection }: PresenceEntry, ttlMs: number): Promise<PresenceState> {
    const entry: Member = name === undefined ? { member } : { member, name };
    const values = await this.#call(SCRIPTS.join, channel, [Math.ceil(ttlMs), member, encodeText(connection), JSON.stringify(entry)]);
    return (this.#deps.isHeard(channel) ? this.#replicas.at(channel, versionOf(values)) : null) ?? this.list(channel);
  }

  async leave(channel: string, member: string, connection: string): Promise<void> {
    await this.#call(SCRIPTS.leave, channel, [member, encodeText(connection)]);
  }

  async list(channel: string): Promise<PresenceState> {
    const values = await this.#call(SCRIPTS.list, channel, []);
    const members = values.slice(3).map((json) => JSON.parse(json as string) as Member);
    const state = { version: versionOf(values), members };
    if (this.#deps.isHeard(channel)) this.#replicas.set(channel, state);
    return state;
  }

  /** Somebody joined or left, as was heard. */
  heard(channel: string, change: Extract<Notification, { kind: 'join' | 'leave' }>): void {
    this.#replicas.apply(channel, change);
    if (change.kind === 'join') this.#due(channel, change.ttlMs);
  }

  /** The channel is no longer delivered live, or something of it was missed. */
  forget(channel: string): void {
    this.#replicas.delete(channel);
  }

  /** Nobody here listens to it any more. */
  delete(channel: string): void {
    this.#replicas.delete(channel);
    this.#dueAt.delete(channel);
  }

  /** Lets those go whose time is over, in the channels that are listened to. */
  sweep(): Promise<unknown> {
    const now = this.#deps.now();
    const sweeps: Promise<unknown>[] = [];
    for (const [channel, dueAt] of this.#dueAt) {
      if (dueAt > now) continue;
      this.#dueAt.delete(channel);
      // When it fails, Redis is away: asked again after a while.
      sweeps.push(this.#call(SCRIPTS.expire, channel, []).catch(() => this.#due(channel, 5_000)));
    }
    return Promise.all(sweeps);
  }

  async #call(script: Script, channel: string, args: readonly (string | number)[]): Promise<readonly unknown[]> {
    const { caller, keyPrefix, now, timeoutMs } = this.#deps;
    const keys = keysOf(keyPrefix, channel);
    const life = this.#names.next();
    const call = { script, keys: [keys.presence] as const, args: [keys.channel, life, ...args], listenKey: keys.channel };
    const values = await caller.call(call, now() + timeoutMs);
    const dueMs = values[2] as number;
    if (dueMs >= 0) this.#due(channel, dueMs);
    return values;
  }

  #due(channel: string, inMs: number): void {
    if (!this.#deps.isHeard(channel)) return;
    // A moment later than the server's, whose clock has whole ms.
    const at = this.#deps.now() + inMs + 1;
    if (at < (this.#dueAt.get(channel) ?? Number.POSITIVE_INFINITY)) this.#dueAt.set(channel, at);
  }
}

const versionOf = ([life, changes]: readonly unknown[]): string => `${life}.${changes}`;
