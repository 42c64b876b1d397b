import type { SentinelHome } from '../../redis/sentinel-home.ts';
import type { Fault } from '../fault.ts';
import type { World } from '../world.ts';

type SentinelFault = Fault<World<SentinelHome>>;

/** The primary is killed; it comes back before the Sentinels act, or as a replica of another. */
const killPrimary: SentinelFault = {
  name: 'kill the primary',
  lane: 'servers',
  weight: 4,
  lasts: [100, 5_000],
  async start({ redis }) {
    const primary = await redis.primary();
    if (primary === null) return null;
    await primary.kill9();
    return { target: redis.nodes.nameOf(primary), end: () => redis.recover() };
  },
};

/** The primary stands still, and may find itself replaced. */
const pausePrimary: SentinelFault = {
  name: 'pause the primary',
  lane: 'servers',
  weight: 3,
  lasts: [500, 6_000],
  async start({ redis }) {
    const primary = await redis.primary();
    if (primary === null) return null;
    redis.nodes.pause(primary);
    return { target: redis.nodes.nameOf(primary), end: () => redis.recover() };
  },
};

/** The Sentinels make another server the primary. */
const failover: SentinelFault = {
  name: 'failover',
  lane: 'servers',
  weight: 3,
  lasts: [0, 1_000],
  async start({ redis }) {
    const primary = await redis.servers.failover();
    return { target: redis.nodes.nameOf(primary), end: () => redis.recover() };
  },
};

/** A replica is killed, and started again. */
const killReplica: SentinelFault = {
  name: 'kill a replica',
  lane: 'servers',
  weight: 1,
  lasts: [100, 3_000],
  async start({ redis }, draw) {
    const replica = await redis.replica(draw);
    if (replica === null) return null;
    await replica.kill9();
    return { target: redis.nodes.nameOf(replica), end: () => redis.recover() };
  },
};

/** A Sentinel is killed, and started again. */
const killSentinel: SentinelFault = {
  name: 'kill a sentinel',
  lane: 'servers',
  weight: 1,
  lasts: [100, 3_000],
  async start({ redis }, draw) {
    const sentinel = redis.sentinels.pick(draw);
    if (sentinel === null) return null;
    await sentinel.kill9();
    return { target: redis.sentinels.nameOf(sentinel), end: () => redis.recover() };
  },
};

/** What happens to a primary, its replicas and their Sentinels. */
export const SENTINEL_FAULTS: readonly SentinelFault[] = [killPrimary, pausePrimary, failover, killReplica, killSentinel];
