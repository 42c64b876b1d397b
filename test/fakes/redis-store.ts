import type { RedisBroker } from '../../gateway/broker/redis/broker.ts';
import { openRedis } from '../../gateway/broker/redis/open.ts';
import type { RedisAccess, RedisOptions, RedisPlace } from '../../gateway/broker/redis/options.ts';
import { newBrokerTelemetry } from '../../gateway/broker/telemetry.ts';
import { type BrokerHarness, LIMITS } from '../contract/broker.ts';
import { silentLog } from './silent-log.ts';

/** A Redis whose clock can be moved. */
export interface MovableRedis {
  readonly place: RedisPlace;
  readonly access: RedisAccess;
  /** Moves the clock of all its servers, ms. */
  advance(ms: number): void;
  readonly durability?: RedisOptions['durability'];
}

/** Brokers that hold channels alive look after them so often. */
const STEP_MS = LIMITS.idleMs / 12;
let stores = 0;

/** A broker's options with the contract's limits. */
export function redisOptions(place: RedisPlace, access: RedisAccess, more: Partial<RedisOptions> = {}): RedisOptions {
  return {
    place,
    access,
    keyPrefix: `test-${process.pid}-${++stores}:`,
    durability: 'acknowledged',
    history: LIMITS.history,
    log: silentLog,
    telemetry: newBrokerTelemetry(),
    limits: { idsMs: LIMITS.idsMs, idleMs: LIMITS.idleMs, maxReconnectMs: 200 },
    ...more,
  };
}

/** Channels of their own on a Redis that is there already. */
export function redisStore(redis: MovableRedis): BrokerHarness {
  const brokers = new Set<RedisBroker>();
  let aheadMs = 0;
  let history = LIMITS.history as RedisOptions['history'];
  const options = redisOptions(redis.place, redis.access, {
    durability: redis.durability ?? 'acknowledged',
    now: () => performance.now() + aheadMs,
  });
  return {
    async open() {
      const broker = await openRedis({ ...options, history });
      brokers.add(broker);
      return broker;
    },
    async advance(ms) {
      for (let left = ms; left > 0; left -= STEP_MS) {
        const step = Math.min(left, STEP_MS);
        redis.advance(step);
        aheadMs += step;
        await Promise.allSettled([...brokers].map((broker) => broker.sweep()));
      }
    },
    async setLimits(limits) {
      history = limits;
      for (const broker of brokers) broker.setLimits(limits);
    },
    async stop() {
      for (const broker of brokers) await broker.close();
    },
  };
}
