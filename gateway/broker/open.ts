import type { Logger } from '../logger.ts';
import type { Broker, HistoryLimits } from './broker.ts';
import { MemoryEngine } from './memory/engine.ts';
import type { RedisOptions } from './redis/options.ts';
import { REDIS_DEFAULTS, type RedisSettings, redisAccess } from './redis-settings.ts';
import { connectBroker } from './remote.ts';
import { type BrokerTelemetry, newBrokerTelemetry } from './telemetry.ts';
import { brokerUrlProblems } from './url.ts';

export interface OpenOptions {
  /** For `memory:` and Redis; a broker that another process serves has its own. */
  readonly history?: HistoryLimits;
  /** Hears what a Redis broker has to say. */
  readonly log?: Logger;
  readonly telemetry?: BrokerTelemetry;
  /** For Redis, beside its URL. */
  readonly redis?: RedisSettings;
  /** Ends the waiting for a Redis that can't be reached: the call rejects with BrokerUnavailable, which says why it could not. */
  readonly signal?: AbortSignal;
}

const HISTORY: HistoryLimits = { maxMessages: 1_000, maxAgeMs: 3_600_000 };
const SILENT: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/**
 * Opens the broker that `url` names: `memory:` (in this process, for one gateway alone), `unix:/path` (served by another process) or a Redis.
 * Rejects with a line for people for each thing that is wrong with the URL or the settings, and with BrokerUnavailable when nothing answers at the
 * socket. A Redis that can't be reached is waited for.
 */
export async function openBroker(url: string, options: OpenOptions = {}): Promise<Broker> {
  const opened = await openLocal(url, options);
  if (opened !== null) return opened;
  const { openRedis } = await redis();
  return openRedis(await redisOptions(url, options), options.signal);
}

/**
 * The same, but a Redis is not waited for: the broker tells by its health when it has answered. Should it say first what no waiting heals
 * (wrong password, too old …), `hopeless` is called with one line for people.
 */
export async function startBroker(url: string, options: OpenOptions, hopeless: (reason: string) => void): Promise<Broker> {
  const opened = await openLocal(url, options);
  if (opened !== null) return opened;
  const { startRedis } = await redis();
  return startRedis(await redisOptions(url, options), {
    answered() {},
    failed(text, isHopeless) {
      if (isHopeless) hopeless(text);
    },
  });
}

/** Only when it is needed: a gateway without Redis starts without its client. */
const redis = () => import('./redis/open.ts');

/** The broker, or null when the URL is that of a Redis. */
async function openLocal(url: string, options: OpenOptions): Promise<Broker | null> {
  const problems = brokerUrlProblems(url);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  if (url === 'memory:') return new MemoryEngine(options).connect();
  return url.startsWith('unix:') ? connectBroker(url.slice('unix:'.length)) : null;
}

async function redisOptions(url: string, options: OpenOptions): Promise<RedisOptions> {
  const { history = HISTORY, log = SILENT, telemetry = newBrokerTelemetry(), redis: settings = REDIS_DEFAULTS } = options;
  const { durability, redisKeyPrefix: keyPrefix } = settings;
  return { ...(await redisAccess(url, settings)), keyPrefix, durability, history, log, telemetry };
}
