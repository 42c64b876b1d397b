import type { Logger } from '../logger.ts';
import type { Broker, HistoryLimits } from './broker.ts';
import { MemoryEngine } from './memory/engine.ts';
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
  const problems = brokerUrlProblems(url);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  if (url === 'memory:') return new MemoryEngine(options).connect();
  if (url.startsWith('unix:')) return connectBroker(url.slice('unix:'.length));
  const { history = HISTORY, log = SILENT, telemetry = newBrokerTelemetry(), redis = REDIS_DEFAULTS, signal } = options;
  const { place, access } = await redisAccess(url, redis);
  // Only now: a gateway without Redis starts without its client.
  const { openRedis } = await import('./redis/open.ts');
  const { durability, redisKeyPrefix: keyPrefix } = redis;
  return openRedis({ place, access, keyPrefix, durability, history, log, telemetry }, signal);
}
