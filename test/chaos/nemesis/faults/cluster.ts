import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisServer } from '../../../servers/redis/server.ts';
import type { Draw } from '../../draw.ts';
import type { ClusterHome } from '../../redis/cluster-home.ts';
import type { Fault } from '../fault.ts';
import type { World } from '../world.ts';

type ClusterFault = Fault<World<ClusterHome>>;

const MOST_SLOTS = 3;

/** A primary is killed; it comes back before its replica acts, or as that one's replica. */
const killPrimary: ClusterFault = {
  name: 'kill a primary',
  lane: 'servers',
  weight: 3,
  lasts: [100, 5_000],
  async start({ redis }, draw) {
    const shard = await redis.shard(draw);
    if (shard === null) return null;
    await shard.primary.kill9();
    return { target: redis.nodes.nameOf(shard.primary), end: () => redis.recover() };
  },
};

/** A primary stands still, and may find itself replaced. */
const pausePrimary: ClusterFault = {
  name: 'pause a primary',
  lane: 'servers',
  weight: 2,
  lasts: [500, 6_000],
  async start({ redis }, draw) {
    const shard = await redis.shard(draw);
    if (shard === null) return null;
    redis.nodes.pause(shard.primary);
    return { target: redis.nodes.nameOf(shard.primary), end: () => redis.recover() };
  },
};

/** A replica becomes the primary, in agreement with the one before. */
const failover: ClusterFault = {
  name: 'failover',
  lane: 'servers',
  weight: 2,
  lasts: [0, 1_000],
  async start({ redis }, draw) {
    const shard = await redis.shard(draw);
    if (shard === null) return null;
    const replica = await redis.servers.failover(shard.primary);
    return { target: redis.nodes.nameOf(replica), end: () => redis.recover() };
  },
};

/** A replica becomes the primary without asking the one before. */
const takeover: ClusterFault = {
  name: 'forced failover',
  lane: 'servers',
  weight: 2,
  lasts: [0, 1_000],
  async start({ redis }, draw) {
    const shard = await redis.shard(draw);
    const [replica] = shard?.replicas ?? [];
    if (replica === undefined) return null;
    await replica.command('CLUSTER', 'FAILOVER', 'TAKEOVER');
    await redis.servers.untilPrimary(replica);
    return { target: redis.nodes.nameOf(replica), end: () => redis.recover() };
  },
};

/** A replica is killed, and started again. */
const killReplica: ClusterFault = {
  name: 'kill a replica',
  lane: 'servers',
  weight: 1,
  lasts: [100, 3_000],
  async start({ redis }, draw) {
    const [replica] = (await redis.shard(draw))?.replicas ?? [];
    if (replica === undefined) return null;
    await replica.kill9();
    return { target: redis.nodes.nameOf(replica), end: () => redis.recover() };
  },
};

/** Slots with channels in use move to another primary; the first of them stays open for a while. */
const moveSlots: ClusterFault = {
  name: 'move slots',
  lane: 'servers',
  weight: 4,
  lasts: [0, 1_500],
  async start({ redis }, draw, lastsMs) {
    const shards = await redis.servers.shards();
    const from = draw.pick(shards)?.primary;
    const to = draw.pick(shards.map(({ primary }) => primary).filter((primary) => primary !== from));
    if (from === undefined || to === undefined) return null;
    const slots = await slotsInUse(from, draw);
    if (slots.length === 0) return null;
    const moved = slots.reduce(
      (before, slot, at) => before.then(() => redis.servers.migrateSlot(slot, to, () => sleep(at === 0 ? lastsMs : 0))),
      Promise.resolve(),
    );
    // A failure is reported by `end`.
    moved.catch(() => {});
    return {
      target: `${slots.join(', ')} from ${redis.nodes.nameOf(from)} to ${redis.nodes.nameOf(to)}`,
      async end() {
        await moved;
        await redis.recover();
      },
    };
  },
};

/** What happens to the nodes of a Cluster, and to its slots. */
export const CLUSTER_FAULTS: readonly ClusterFault[] = [killPrimary, pausePrimary, failover, takeover, killReplica, moveSlots];

async function slotsInUse(node: RedisServer, draw: Draw): Promise<readonly number[]> {
  const slots = new Set<number>();
  for (let wanted = draw.whole(1, MOST_SLOTS); wanted > 0; wanted--) {
    const key = await node.command('RANDOMKEY');
    if (typeof key === 'string') slots.add(Number(await node.command('CLUSTER', 'KEYSLOT', key)));
  }
  return [...slots];
}
