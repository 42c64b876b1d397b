import { type RedisUrl, readRedisUrl, showUrl } from '../../../protocol/redis-url.ts';
import type { RedisAccess, RedisPlace } from './options.ts';

export { showUrl };

/** Where a URL says that Redis is and how to get in, or what is wrong with it: a line each, which has the URL (its password hidden) and the remedy. */
export type ParsedRedisUrl =
  | { readonly kind: 'redis'; readonly place: RedisPlace; readonly access: RedisAccess }
  | { readonly kind: 'wrong'; readonly problems: readonly [string, ...string[]] };

/** Reads `redis://`, `redis+sentinel://` and `redis+cluster://` URLs, and those of `rediss`, which is with TLS. */
export function parseRedisUrl(text: string): ParsedRedisUrl {
  const read = readRedisUrl(text);
  if (read.kind === 'wrong') {
    const line = (problem: string) => `"${showUrl(text)}" ${problem}.`;
    const [first, ...others] = read.problems;
    return { kind: 'wrong', problems: [line(first), ...others.map(line)] };
  }
  const { username, password, database, tls } = read.url;
  const access = {
    database,
    tls: tls ? {} : null,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  };
  return { kind: 'redis', place: placeOf(read.url), access };
}

function placeOf({ kind, hosts, name }: RedisUrl): RedisPlace {
  switch (kind) {
    case 'server': {
      const [address] = hosts;
      if (address === undefined) throw new Error('a URL that was read names a host');
      return { kind, address };
    }
    case 'sentinel':
      return { kind, sentinels: hosts, name };
    case 'cluster':
      return { kind, nodes: hosts };
  }
}
