import type { Member } from '../../protocol/messages.ts';
import type { ChannelListener, PresenceState } from './broker.ts';

interface Replica {
  version: string;
  readonly byMember: Map<string, Member>;
  members: readonly Member[] | null;
}

/**
 * Copies of channels' presence, kept current by what the listeners hear, so that the list of a crowd isn't sent again
 * with each session that joins or stays. A copy is right while the channel is subscribed on one unbroken link.
 */
export class PresenceReplicas {
  readonly #byChannel = new Map<string, Replica>();

  set(channel: string, { version, members }: PresenceState): void {
    this.#byChannel.set(channel, { version, byMember: new Map(members.map((member) => [member.member, member])), members });
  }

  /** The state of this version, or null when the copy is of another or there is none. */
  at(channel: string, version: string): PresenceState | null {
    const replica = this.#byChannel.get(channel);
    if (replica?.version !== version) return null;
    replica.members ??= [...replica.byMember.values()];
    return { version, members: replica.members };
  }

  apply(channel: string, { kind, member, version }: Parameters<ChannelListener['presence']>[0]): void {
    const replica = this.#byChannel.get(channel);
    if (replica === undefined) return;
    if (kind === 'join') replica.byMember.set(member.member, member);
    else replica.byMember.delete(member.member);
    replica.version = version;
    replica.members = null;
  }

  delete(channel: string): void {
    this.#byChannel.delete(channel);
  }

  clear(): void {
    this.#byChannel.clear();
  }
}
