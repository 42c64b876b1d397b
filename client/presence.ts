import type { Join, Leave, Member, Presence } from '../protocol/messages.ts';

/** A change of who is there, as the application hears it. */
export interface PresenceChange {
  readonly joined: readonly Member[];
  readonly left: readonly Member[];
}

/** Messages about a channel's presence that belong to a subscription. */
export type PresenceMessage = Presence | Join | Leave;

/** Who is in a channel. It outlives connections: a list that comes anew is compared, so that nobody flickers. */
export class Members {
  readonly #members = new Map<string, Member>();
  #version: string | null = null;

  /** The last version heard; null before the first. */
  get version(): string | null {
    return this.#version;
  }

  list(): Member[] {
    return [...this.#members.values()];
  }

  clear(): void {
    this.#members.clear();
    this.#version = null;
  }

  apply(message: PresenceMessage): PresenceChange {
    this.#version = message.version;
    switch (message.type) {
      case 'join':
        return { joined: this.#add(memberOf(message)), left: [] };
      case 'leave':
        return { joined: [], left: this.#take(message.member) };
      case 'presence': {
        const there = new Set(message.members.map(({ member }) => member));
        const left = this.list().flatMap(({ member }) => (there.has(member) ? [] : this.#take(member)));
        return { left, joined: message.members.flatMap((member) => this.#add(member)) };
      }
    }
  }

  #add(member: Member): Member[] {
    const before = this.#members.get(member.member);
    this.#members.set(member.member, member);
    return before !== undefined && before.name === member.name ? [] : [member];
  }

  #take(member: string): Member[] {
    const before = this.#members.get(member);
    this.#members.delete(member);
    return before === undefined ? [] : [before];
  }
}

const memberOf = ({ member, name }: Join): Member => (name === undefined ? { member } : { member, name });

/**
 * Of what a new link said about presence before it took over, the part that is news to us: what follows the version that we have. When our
 * version isn't among it, all of it.
 */
export function news(log: readonly PresenceMessage[], version: string | null): readonly PresenceMessage[] {
  return log.slice(log.findLastIndex((message) => message.version === version) + 1);
}
