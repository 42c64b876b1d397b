import { readFile } from 'node:fs/promises';
import { GATEWAY_ENV } from '../../protocol/gateway-env.ts';
import type { Durability, RedisAccess, RedisPlace, TlsFiles } from './redis/options.ts';
import { parseRedisUrl } from './redis/place.ts';

/** What a gateway is told of Redis beside its URL; empty: not given. */
export interface RedisSettings {
  readonly durability: Durability;
  readonly redisKeyPrefix: string;
  readonly redisPassword: string;
  readonly redisSentinelUsername: string;
  readonly redisSentinelPassword: string;
  /** PEM files. */
  readonly redisCaFile: string;
  readonly redisCertFile: string;
  readonly redisKeyFile: string;
}

/** What they are when nobody gives them. */
export const REDIS_DEFAULTS = {
  durability: 'acknowledged',
  redisKeyPrefix: 'chatcluster:',
  redisPassword: '',
  redisSentinelUsername: '',
  redisSentinelPassword: '',
  redisCaFile: '',
  redisCertFile: '',
  redisKeyFile: '',
} as const satisfies RedisSettings;

const TLS_KEYS = ['redisCaFile', 'redisCertFile', 'redisKeyFile'] as const;
const SENTINEL_KEYS = ['redisSentinelUsername', 'redisSentinelPassword'] as const;

/** What contradicts itself between a broker's URL, which is right, and the settings: a line each, which names the variable and the remedy. */
export function redisContradictions(url: string, settings: RedisSettings): readonly string[] {
  const parsed = parseRedisUrl(url);
  if (parsed.kind === 'wrong') {
    if (settings.durability === 'acknowledged') return [];
    return [`${GATEWAY_ENV.durability} is "replicated", which only a Redis can do; give ${GATEWAY_ENV.broker} the URL of one.`];
  }
  const { place, access } = parsed;
  const problems: string[] = [];
  if (access.password !== undefined && settings.redisPassword !== '') {
    problems.push(`${GATEWAY_ENV.redisPassword} is given, and the broker's URL has a password as well; take one away.`);
  }
  for (const key of place.kind === 'sentinel' ? [] : SENTINEL_KEYS) {
    if (settings[key] !== '') {
      problems.push(`${GATEWAY_ENV[key]} is given, but the broker's URL names no Sentinels; take it away, or use "redis+sentinel://".`);
    }
  }
  for (const key of access.tls === null ? TLS_KEYS : []) {
    if (settings[key] !== '') {
      problems.push(`${GATEWAY_ENV[key]} is "${settings[key]}", but the broker's URL is without TLS; let it begin with "rediss".`);
    }
  }
  for (const [key, other] of [['redisCertFile', 'redisKeyFile'] as const, ['redisKeyFile', 'redisCertFile'] as const]) {
    if (settings[key] !== '' && settings[other] === '') {
      problems.push(`${GATEWAY_ENV[key]} is "${settings[key]}", which needs ${GATEWAY_ENV[other]} beside it; give both or none.`);
    }
  }
  return problems;
}

/**
 * Where Redis is and how to get in, as the URL and the settings say together; reads the files they name.
 * Rejects with a line for people for each thing that is wrong.
 */
export async function redisAccess(
  url: string,
  settings: RedisSettings,
): Promise<{ readonly place: RedisPlace; readonly access: RedisAccess }> {
  const parsed = parseRedisUrl(url);
  if (parsed.kind === 'wrong') throw new Error(parsed.problems.join('\n'));
  const problems = redisContradictions(url, settings);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const { redisPassword, redisSentinelUsername, redisSentinelPassword } = settings;
  const access: RedisAccess = {
    ...parsed.access,
    ...(redisPassword !== '' && { password: redisPassword }),
    ...(redisSentinelUsername !== '' && { sentinelUsername: redisSentinelUsername }),
    ...(redisSentinelPassword !== '' && { sentinelPassword: redisSentinelPassword }),
    tls: parsed.access.tls === null ? null : await readTlsFiles(settings),
  };
  return { place: parsed.place, access };
}

async function readTlsFiles(settings: RedisSettings): Promise<TlsFiles> {
  const [ca, cert, key] = await Promise.all(TLS_KEYS.map((name) => readPem(name, settings[name])));
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

async function readPem(name: (typeof TLS_KEYS)[number], path: string): Promise<string> {
  if (path === '') return '';
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new Error(`${GATEWAY_ENV[name]} is "${path}", which can't be read (${(error as NodeJS.ErrnoException).code}); name a PEM file.`);
  }
  if (!text.includes('-----BEGIN ')) throw new Error(`${GATEWAY_ENV[name]} is "${path}", which is not PEM; name a file with "-----BEGIN".`);
  return text;
}
