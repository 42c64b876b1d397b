import type { Member } from '../../protocol/messages.ts';
import type { ChannelListener, PresenceState } from './broker.ts';

interface Replica {
  version: string;
  readonly byMember: Map<string, Member>;
  members: readonly Member[] | null;
}

/**
 * Copies of channels' presence, kept current by what the listeners hear, so that the list of a crowd isn't sent again
 * with each session that joins or stays. A version is `<life>.<n>`, and each change adds 1 to `n`: a change that doesn't follow on the copy's
 * version shows that one was missed, and the copy is dropped.
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

  /** Takes in a change, unless the copy holds it already: it may have been asked for after the change was made, and before it was heard of. */
  apply(channel: string, { kind, member, version }: Parameters<ChannelListener['presence']>[0]): void {
    const replica = this.#byChannel.get(channel);
    if (replica === undefined) return;
    const ahead = stepsBetween(replica.version, version);
    if (ahead !== null && ahead <= 0) return;
    if (ahead !== 1) {
      this.#byChannel.delete(channel);
      return;
    }
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

/** How many changes lead from one version to another, negative when it is the older one; null when they are of different lives. */
function stepsBetween(from: string, to: string): number | null {
  const [before, after] = [parts(from), parts(to)];
  return before.life === after.life ? after.n - before.n : null;
}

function parts(version: string): { readonly life: string; readonly n: number } {
  const dot = version.lastIndexOf('.');
  return { life: version.slice(0, dot), n: Number(version.slice(dot + 1)) };
}
