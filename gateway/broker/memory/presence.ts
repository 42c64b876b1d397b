import type { Member } from '../../../protocol/messages.ts';
import type { PresenceEntry, PresenceState } from '../broker.ts';

interface Held {
  readonly member: Member;
  connection: string;
  expiresAt: number;
}

/** Who is in a channel, each until its time is over or the connection that holds it leaves. */
export class Presence {
  readonly #held = new Map<string, Held>();
  readonly #life: string;
  #changes = 0;
  #dueAt = Number.POSITIVE_INFINITY;
  /** Built when it is asked for: a crowd that joins at once shall not build a list a member. */
  #members: readonly Member[] | null = null;

  /** `life` makes the versions of this life of the channel differ from those of any other. */
  constructor(life: string) {
    this.#life = life;
  }

  get size(): number {
    return this.#held.size;
  }

  /** Nobody expires before (monotonic, ms); infinite when nobody is there. Prolonging doesn't move it, so that a crowd isn't searched each time. */
  get dueAt(): number {
    return this.#dueAt;
  }

  /** Changes with every join and leave (and with a new name). */
  get version(): string {
    return `${this.#life}.${this.#changes}`;
  }

  state(): PresenceState {
    this.#members ??= Array.from(this.#held.values(), ({ member }) => member);
    return { version: this.version, members: this.#members };
  }

  /** Enters a session or prolongs it; the connection that came last holds it. Returns the member when it was not there. */
  join(entry: PresenceEntry, expiresAt: number): Member | null {
    if (expiresAt < this.#dueAt) this.#dueAt = expiresAt;
    const held = this.#held.get(entry.member);
    if (held !== undefined && held.member.name === entry.name) {
      held.connection = entry.connection;
      held.expiresAt = expiresAt;
      return null;
    }
    const member: Member = entry.name === undefined ? { member: entry.member } : { member: entry.member, name: entry.name };
    this.#held.set(entry.member, { member, connection: entry.connection, expiresAt });
    this.#changed();
    return held === undefined ? member : null;
  }

  /** Takes a session out, if `connection` holds it; returns the member that left. */
  leave(member: string, connection: string): Member | null {
    const held = this.#held.get(member);
    if (held === undefined || held.connection !== connection) return null;
    return this.#remove(held);
  }

  /** Takes out those whose time is over, and tells `left` of each when it is out. */
  expire(now: number, left: (member: Member) => void): void {
    if (now < this.#dueAt) return;
    this.#dueAt = Number.POSITIVE_INFINITY;
    for (const held of this.#held.values()) {
      if (held.expiresAt <= now) left(this.#remove(held));
      else if (held.expiresAt < this.#dueAt) this.#dueAt = held.expiresAt;
    }
  }

  #remove(held: Held): Member {
    this.#held.delete(held.member.member);
    this.#changed();
    return held.member;
  }

  #changed(): void {
    this.#changes++;
    this.#members = null;
  }
}
