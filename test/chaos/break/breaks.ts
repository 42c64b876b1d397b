import type { Kind } from '../checker/verdict.ts';
import type { Break } from '../options.ts';
import type { Patch } from './patch.ts';

/** A guarantee that is broken on purpose, in gateways and clients of a run alone. */
export interface Breakage {
  /** The violation that must be found. */
  readonly kind: Kind;
  /** What is broken, for people. */
  readonly what: string;
  readonly gateway: readonly Patch[];
  /** The SDK would notice and repair it, so it must look away too. */
  readonly client: readonly Patch[];
}

export const BREAKAGES: Readonly<Record<Break, Breakage>> = {
  fill: {
    kind: 'skipped',
    what: 'holes are not filled: gateways go on at the newest message, and clients take what does not follow',
    gateway: [
      {
        file: 'gateway/channels/fill.ts',
        find: /of result\.messages\) view\.accept/,
        put: 'of result.messages.slice(-1)) view.accept',
      },
      // What it keeps to resume from must go on from there, or it would wait for ever for what it passed over.
      {
        file: 'gateway/channels/channel.ts',
        find: /required\(this\.#tail\)\.push\(message\.position, frame\);/,
        put: 'if (message.position.offset === this.head.offset + 1) this.#tail.push(message.position, frame); else this.#tail.reset(message.position);',
      },
    ],
    client: [{ file: 'client/stream.ts', find: / \|\| next\.offset > cursor\.offset \+ 1/, put: '' }],
  },
  digest: {
    kind: 'fork-skipped',
    what: 'digests are not looked at: the same epoch and offset are taken for the same place',
    gateway: [
      { file: 'gateway/channels/held-messages.ts', find: / && position\.digest === nextDigest\(head\.digest, id\)/, put: '' },
      { file: 'gateway/channels/channel.ts', find: /ours\.digest === position\.digest/, put: 'true' },
      { file: 'gateway/channels/standing.ts', find: /at\.position\.digest === position\.digest/, put: 'true' },
      { file: 'protocol/position.ts', find: / && a\.digest === b\.digest/, put: '' },
      { file: 'gateway/broker/redis/scripts/channel.ts', find: /digest ~= ARGV\[\d+\]/, put: 'false' },
    ],
    client: [],
  },
  idempotency: {
    kind: 'stored-twice',
    what: 'ids of messages are forgotten: what is sent again is stored again',
    gateway: [{ file: 'gateway/broker/redis/scripts/channel.ts', find: /\n {2}if digest then\n/, put: '\n  if false then\n' }],
    client: [],
  },
};
