import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { keysOf, slotOf } from '../../../gateway/broker/redis/keys.ts';
import type { Address } from '../../../gateway/broker/redis/options.ts';
import { ids, listen, message, publishAll } from '../../contract/broker/build.ts';
import { freePort } from '../../servers/ports.ts';
import { ClusterServers } from '../../servers/redis/cluster.ts';
import type { RedisServer } from '../../servers/redis/server.ts';
import { Follower } from './follower.ts';
import { leastUser } from './least-user.ts';
import { Gateways, historyOf, type Opened, Publishing } from './world.ts';

const ENDLESS = { maxMessages: 1_000_000, maxAgeMs: 3_600_000 };

const LEAST = leastUser('wait', 'cluster|slots', 'asking');

let cluster: ClusterServers;
let gateways: Gateways;
beforeAll(async () => {
  cluster = await ClusterServers.start({ users: [LEAST.line] });
}, 300_000);
afterAll(() => cluster.stop());
beforeEach(async () => {
  await cluster.untilHealthy();
  gateways = at(cluster.nodes);
});
afterEach(() => gateways.close());

const at = (nodes: readonly Address[], more = {}) =>
  new Gateways(
    {
      place: { kind: 'cluster', nodes: nodes.map(({ host, port }) => ({ host, port })) },
      access: { database: 0, tls: null, ...LEAST.access },
    },
    { history: ENDLESS, ...more },
  );

const slotOfRoom = (channel: string) => slotOf(keysOf(gateways.options.keyPrefix, channel).channel);

/** A primary that doesn't have this slot. */
async function otherThan(owner: RedisServer): Promise<RedisServer> {
  const other = (await cluster.shards()).map(({ primary }) => primary).find((primary) => primary !== owner);
  if (other === undefined) throw new Error('there is one primary alone');
  return other;
}

/** Another channel in the slot of this one. */
function neighbourOf(channel: string): string {
  for (let i = 0; ; i++) if (slotOfRoom(`neighbour${i}`) === slotOfRoom(channel)) return `neighbour${i}`;
}

/** Two gateways that publish to channels and follow them, until it is checked that all was stored once, in order, and heard. */
class Traffic {
  readonly gateways: readonly Opened[];
  readonly #rooms: readonly string[];
  readonly #followers: readonly Follower[];
  readonly #publishing: readonly Publishing[];

  private constructor(opened: readonly Opened[], rooms: readonly string[], followers: readonly Follower[]) {
    this.gateways = opened;
    this.#rooms = rooms;
    this.#followers = followers;
    this.#publishing = rooms.flatMap((room) => opened.map(({ broker }, i) => new Publishing(broker, room, `g${i}-`)));
  }

  static async start(rooms: readonly string[], more = {}): Promise<Traffic> {
    const opened = [await gateways.open(more), await gateways.open(more)];
    const followers: Follower[] = [];
    for (const room of rooms) for (const { broker } of opened) followers.push(await Follower.start(broker, room));
    return new Traffic(opened, rooms, followers);
  }

  /** Resolves when every publisher had so many more acknowledged. */
  async goesOn(count = 20): Promise<void> {
    const goals = this.#publishing.map((publishing) => ({ publishing, goal: publishing.acknowledged + count }));
    await expect.poll(() => goals.every(({ publishing, goal }) => publishing.acknowledged >= goal), { timeout: 15_000 }).toBe(true);
  }

  /** `mayFork`: a server was lost together with messages that were heard already and then not acknowledged; so a gap may be told. */
  async end(mayFork = false): Promise<void> {
    await Promise.all(this.#publishing.map((publishing) => publishing.stop()));
    const [first] = this.gateways;
    if (first === undefined) throw new Error('no gateway');
    for (const [at, room] of this.#rooms.entries()) {
      await first.broker.publish(room, message('last'));
      const history = await historyOf(first.broker, room);
      for (const [i] of this.gateways.entries()) {
        expect(history.filter((id) => id.startsWith(`g${i}-`))).toEqual(this.#publishing[2 * at + i]?.ids);
      }
      for (const follower of this.#followers.slice(2 * at, 2 * at + 2)) {
        await follower.until('last');
        const gap = follower.gaps.at(-1);
        expect(follower.gaps.map(({ reason }) => reason)).toEqual(mayFork ? follower.gaps.map(() => 'fork') : []);
        expect(follower.idsSinceGap).toEqual(history.slice(gap?.to.offset ?? 0));
      }
    }
    for (const { telemetry } of this.gateways) expect(telemetry.waiting).toBe(0);
  }
}

describe('a Redis Cluster', () => {
  it('is found through one node of several, the others being down', async () => {
    const dead = { host: '127.0.0.1', port: await freePort() };
    const [node] = cluster.nodes;
    if (node === undefined) throw new Error('no node');
    const some = at([dead, node, dead]);
    try {
      const { broker, healths } = await some.open();
      await Promise.all(ids('room', 20).map((room) => publishAll(broker, room, ids('m', 3))));
      expect(healths).toEqual([{ kind: 'ok' }]);
    } finally {
      await some.close();
    }
  });

  it('is found through a replica', async () => {
    const [replica] = (await cluster.shards()).flatMap(({ replicas }) => replicas);
    if (replica === undefined) throw new Error('no replica');
    const some = at([replica]);
    try {
      const { broker } = await some.open();
      await publishAll(broker, 'room', ids('m', 3));
      expect(await historyOf(broker, 'room')).toEqual(ids('m', 3));
    } finally {
      await some.close();
    }
  });

  it('delivers the channels of all its nodes, and has none left when they are unsubscribed', async () => {
    const [a, b] = [(await gateways.open()).broker, (await gateways.open()).broker];
    const rooms = ids('room', 300);
    const listeners = await Promise.all(rooms.map((room) => listen(b, room)));
    await Promise.all(rooms.map((room) => a.publish(room, message('m1'))));
    for (const listener of listeners) await listener.until(({ ids }) => ids.includes('m1'));
    await Promise.all(rooms.map((room) => b.unsubscribe(room)));
    const left = await Promise.all(cluster.nodes.map((node) => node.command('PUBSUB', 'SHARDCHANNELS')));
    expect(left.flat()).toEqual([]);
  });
});

describe('a slot that moves to another node', () => {
  it('loses nothing of a channel that is published to and listened to', async () => {
    const traffic = await Traffic.start(['room']);
    for (let i = 0; i < 3; i++) {
      await traffic.goesOn();
      const owner = await cluster.ownerOf(slotOfRoom('room'));
      await cluster.migrateSlot(slotOfRoom('room'), await otherThan(owner), () => traffic.goesOn());
    }
    await traffic.goesOn();
    await traffic.end();
  });

  it('delivers live while it is half moved: what lies on the next node already is told where all still listen', async () => {
    const [a, b] = [(await gateways.open()).broker, (await gateways.open()).broker];
    await publishAll(a, 'room', ids('m', 3));
    const room = neighbourOf('room');
    const slot = slotOfRoom('room');
    const owner = await cluster.ownerOf(slot);
    await cluster.migrateSlot(slot, await otherThan(owner), async () => {
      // A channel that is new has its key at the next node; everybody is sent there by ASK.
      const listener = await listen(b, room);
      await publishAll(a, room, ids('n', 100));
      await a.join(room, { member: 'ann', connection: 'c1' }, 60_000);
      a.sendEvent(room, { member: 'ann', name: 'typing' });
      await listener.until(({ messages, changes, events }) => messages.length >= 100 && changes.length > 0 && events.length > 0);
      expect(listener.ids).toEqual(ids('n', 100));
      expect(listener.whoCameAndWent).toEqual(['join ann']);
      expect(await historyOf(b, room)).toEqual(ids('n', 100));
      // One that is older is still here.
      const older = await listen(b, 'room');
      await a.publish('room', message('m4'));
      await older.until(({ ids }) => ids.includes('m4'));
    });
    const listener = await listen(b, room);
    await a.publish(room, message('after'));
    await listener.until(({ ids }) => ids.includes('after'));
    expect(await historyOf(b, room)).toEqual([...ids('n', 100), 'after']);
    expect(await historyOf(b, 'room')).toEqual(ids('m', 4));
  });

  it('is found by a gateway that only listens', async () => {
    const [a, b] = [await gateways.open(), await gateways.open()];
    const follower = await Follower.start(b.broker, 'room');
    const owner = await cluster.ownerOf(slotOfRoom('room'));
    await cluster.migrateSlot(slotOfRoom('room'), await otherThan(owner));
    await b.becomes('ok');
    await publishAll(a.broker, 'room', ids('m', 5));
    await follower.until('m5');
    expect(follower.ids).toEqual(ids('m', 5));
  });

  it('and is back before anybody has looked has its channels subscribed again', async () => {
    const [a, b] = [(await gateways.open()).broker, (await gateways.open()).broker];
    const listener = await listen(b, 'room');
    const owner = await cluster.ownerOf(slotOfRoom('room'));
    await a.publish('room', message('before'));
    // The node lets go of the slot's subscriptions, and the map stays as it is.
    await owner.commands(['CLUSTER', 'DELSLOTS', slotOfRoom('room')], ['CLUSTER', 'ADDSLOTS', slotOfRoom('room')]);
    await a.publish('room', message('missed'));
    await listener.until(({ ids }) => ids.includes('missed'));
    await a.publish('room', message('next'));
    await listener.until(({ ids }) => ids.includes('next'));
  });

  it('many of them at once under publishes lose nothing, and the map is not asked for with each', async () => {
    const rooms = ids('room', 12);
    const traffic = await Traffic.start(rooms);
    await traffic.goesOn(5);
    for (const node of cluster.nodes) await node.command('CONFIG', 'RESETSTAT');
    for (const room of rooms) {
      const owner = await cluster.ownerOf(slotOfRoom(room));
      await cluster.migrateSlot(slotOfRoom(room), await otherThan(owner));
    }
    await traffic.goesOn(5);
    await traffic.end();
    let asked = 0;
    for (const node of cluster.nodes) {
      asked += Number(/calls=(\d+)/.exec((await node.info('commandstats'))['cmdstat_cluster|slots'] ?? '')?.[1] ?? 0);
    }
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThan(2 * 8 * rooms.length);
  });
});

describe('a shard whose replica takes over', () => {
  it('by the hand of an operator loses nothing', async () => {
    const traffic = await Traffic.start(['room', 'room2', 'room3']);
    await traffic.goesOn();
    await cluster.failover(await cluster.ownerOf(slotOfRoom('room')));
    await traffic.goesOn();
    await traffic.end();
  });

  it('since its primary was killed loses nothing that was acknowledged with durability: replicated; health tells of it', async () => {
    const traffic = await Traffic.start(['room'], { durability: 'replicated' });
    await traffic.goesOn();
    const owner = await cluster.ownerOf(slotOfRoom('room'));
    await owner.kill9();
    const [first] = traffic.gateways;
    await first?.becomes('degraded');
    await cluster.untilOwnerIsNot(slotOfRoom('room'), owner);
    await owner.restart();
    await first?.becomes('ok');
    await traffic.goesOn();
    await traffic.end(true);
  });

  it('since its primary stood still is found, and the old one is not believed when it goes on', async () => {
    const traffic = await Traffic.start(['room'], { durability: 'replicated', limits: { maxReconnectMs: 200, silenceMs: 500 } });
    await traffic.goesOn();
    const owner = await cluster.ownerOf(slotOfRoom('room'));
    owner.pause();
    try {
      for (const one of traffic.gateways) await one.becomes('degraded');
      for (const one of traffic.gateways) await one.becomes('ok');
    } finally {
      owner.resume();
    }
    // Only now has the new one a replica that can confirm.
    await traffic.goesOn();
    await cluster.untilHealthy();
    expect(await cluster.ownerOf(slotOfRoom('room'))).not.toBe(owner);
    await traffic.end(true);
  });
});
