import type { Failure } from './failure.ts';

/** What every gateway runs beside the scripts themselves; `*` stands for a key. */
const ALWAYS = [
  'TIME',
  'PING',
  'HGET * f',
  'HMGET * f',
  'HGETALL *',
  'HSET * f v',
  'HDEL * f',
  'PEXPIRE * 1',
  'SPUBLISH * text',
  'SSUBSCRIBE *',
  'SUNSUBSCRIBE *',
] as const;
const IN_A_CLUSTER = ['CLUSTER SLOTS', 'ASKING'] as const;
const REPLICATED = ['WAIT 1 1'] as const;

/** The commands that a broker's user must be allowed, as the script for rights takes them. */
export function rightsFor(isCluster: boolean, isReplicated: boolean): readonly string[] {
  return [...ALWAYS, ...(isCluster ? IN_A_CLUSTER : []), ...(isReplicated ? REPLICATED : [])];
}

/** What is wrong when the user may not run those of the commands that are at these places; null when there are none. */
export function lackOf(commands: readonly string[], denied: readonly number[], keyPrefix: string): Failure | null {
  if (denied.length === 0) return null;
  const names = denied.map((at) => /^[A-Z ]*[A-Z]/.exec(commands[at] ?? '')?.[0]).join(', ');
  const text = `Its user may not run ${names} on keys and channels that begin with "${keyPrefix}"; docs/operations.md has the rule to give it.`;
  return { kind: 'permission', retry: false, text };
}
