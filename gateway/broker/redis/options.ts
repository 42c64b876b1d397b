import type { Logger } from '../../logger.ts';
import type { HistoryLimits } from '../broker.ts';
import type { BrokerTelemetry } from '../telemetry.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * Where Redis is.
 * - `server`: one server.
 * - `sentinel`: the Sentinels that know the primary called `name`.
 * - `cluster`: some nodes of a Redis Cluster; they tell of the others.
 */
export type RedisPlace =
  | { readonly kind: 'server'; readonly address: Address }
  | { readonly kind: 'sentinel'; readonly sentinels: readonly Address[]; readonly name: string }
  | { readonly kind: 'cluster'; readonly nodes: readonly Address[] };

/** PEM texts. An empty object: TLS with the system's certificate authorities. */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** How to get in. */
export interface RedisAccess {
  readonly username?: string;
  readonly password?: string;
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
  /** Logical database; a Cluster has only 0. */
  readonly database: number;
  /** Null: without TLS. */
  readonly tls: TlsFiles | null;
}

/** acknowledged: a publish is answered when the primary has the message. replicated: when a replica has it too. */
export type Durability = 'acknowledged' | 'replicated';

/** What a Redis broker works by; times in ms. */
export interface RedisOptions {
  readonly place: RedisPlace;
  readonly access: RedisAccess;
  /** Before every key and channel; has no brace. */
  readonly keyPrefix: string;
  readonly durability: Durability;
  readonly history: HistoryLimits;
  readonly log: Logger;
  readonly telemetry: BrokerTelemetry;
  /** Anything left out has its default. */
  readonly limits?: Partial<RedisLimits>;
  /** Monotonic, ms. */
  readonly now?: () => number;
}

/** What a Redis broker bounds; times in ms. */
export interface RedisLimits {
  /** How long a message's id is remembered, and how many ids of a channel at most. */
  readonly idsMs: number;
  readonly maxIds: number;
  /** A channel that holds nothing any more ends after so long. */
  readonly idleMs: number;
  /** A publish waits so long for its answer, Redis' return included; then its outcome is unknown. */
  readonly publishTimeoutMs: number;
  /** Any other call. */
  readonly callTimeoutMs: number;
  /** Publishes that may wait, and their bytes together. */
  readonly maxWaiting: number;
  readonly maxWaitingBytes: number;
  /** A replica's word is waited for so long with `durability: replicated`. */
  readonly replicaTimeoutMs: number;
  /** A connection that says nothing for so long, while an answer is due, is broken off. */
  readonly silenceMs: number;
  /** The longest pause between two tries to connect; each is a random part of a growing pause. */
  readonly maxReconnectMs: number;
}

export const REDIS_LIMITS = {
  idsMs: 300_000,
  maxIds: 50_000,
  idleMs: 3_600_000,
  publishTimeoutMs: 5_000,
  callTimeoutMs: 5_000,
  maxWaiting: 10_000,
  maxWaitingBytes: 64 * 1024 * 1024,
  replicaTimeoutMs: 1_000,
  silenceMs: 4_000,
  maxReconnectMs: 2_000,
} as const satisfies RedisLimits;
