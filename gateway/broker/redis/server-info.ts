import type { Failure } from './failure.ts';

/** The oldest version with sharded pub/sub and PEXPIRE … GT. */
const OLDEST = 7;

/** What a server tells of itself that matters here. */
export interface ServerInfo {
  readonly version: string;
  readonly isReplica: boolean;
  /** `standalone`, `cluster` or `sentinel`. */
  readonly mode: string;
  /** maxmemory-policy: what it throws away when it is full. */
  readonly evictionPolicy: string;
}

/** Reads the answer to INFO; what it doesn't tell is taken to be fine. */
export function parseInfo(text: string): ServerInfo {
  const field = (name: string) => new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(text)?.[1] ?? '';
  return {
    // A Valkey says what it is compatible with as redis_version, its own as valkey_version.
    version: field('valkey_version') || field('redis_version'),
    isReplica: field('role') === 'slave',
    mode: field('server_mode') || field('redis_mode'),
    evictionPolicy: field('maxmemory_policy'),
  };
}

/** Why a server can't serve as a broker, or as a node of one in a Cluster; null when it can. */
export function unfit({ version, isReplica, mode }: ServerInfo, inCluster: boolean): Failure | null {
  const major = Number.parseInt(version, 10);
  if (major < OLDEST) {
    return { kind: 'version', retry: false, text: `Its version is ${version}; Redis ${OLDEST}.0, or any Valkey, is needed: upgrade it.` };
  }
  if (mode === 'sentinel') return wrongUrl('a Sentinel', 'redis+sentinel://');
  if (mode === 'cluster' && !inCluster) return wrongUrl('a node of a Redis Cluster', 'redis+cluster://');
  if (mode === 'standalone' && inCluster) return wrongUrl('no node of a Redis Cluster', 'redis://');
  if (isReplica && !inCluster) {
    const text = 'It is a read-only replica: give the primary, its Sentinels (redis+sentinel://) or the Cluster (redis+cluster://).';
    return { kind: 'read-only', retry: true, text };
  }
  return null;
}

const wrongUrl = (what: string, scheme: string): Failure => ({
  kind: 'other',
  retry: false,
  text: `It is ${what}: let the URL begin with "${scheme}" ("${scheme.replace('redis', 'rediss')}" with TLS).`,
});

/** What an SRE should change; null when nothing. */
export function adviceFor({ evictionPolicy }: ServerInfo): string | null {
  if (evictionPolicy === '' || evictionPolicy === 'noeviction') return null;
  return `its maxmemory-policy is ${evictionPolicy}: when it is full it throws channels away, with their history and the ids that keep a repeated message from being stored twice. Set it to noeviction.`;
}
