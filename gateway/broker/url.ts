import { meansRedis, REDIS_URL_FORMS, showUrl } from '../../protocol/redis-url.ts';
import { parseRedisUrl } from './redis/place.ts';

/** What is wrong with a broker's URL: a line each, which has the URL (its password hidden) and the remedy. */
export function brokerUrlProblems(url: string): readonly string[] {
  if (url === 'memory:' || /^unix:\/./.test(url)) return [];
  const parsed = parseRedisUrl(url);
  if (parsed.kind === 'redis') return [];
  if (meansRedis(url)) return parsed.problems;
  return [
    `"${showUrl(url)}" is not known; use "memory:" (for one gateway alone), "unix:/path" (the socket of a broker that is served), ${REDIS_URL_FORMS}.`,
  ];
}
