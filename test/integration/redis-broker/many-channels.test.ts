import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RedisBroker } from '../../../gateway/broker/redis/broker.ts';
import { ids, message } from '../../contract/broker/build.ts';
import { RecordingListener } from '../../fakes/recording-listener.ts';
import { RedisServer } from '../../servers/redis/server.ts';
import { Gateways } from './world.ts';

const COUNT = 5_000;

let server: RedisServer;
let gateways: Gateways;
beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server.stop());
beforeEach(() => {
  gateways = new Gateways(server);
});
afterEach(() => gateways.close());

const subscribedOnServer = async () => ((await server.command('PUBSUB', 'SHARDCHANNELS')) as string[]).length;

/** Subscribes many channels, each with a listener of its own. */
async function listenAll(broker: RedisBroker, rooms: readonly string[]): Promise<ReadonlyMap<string, RecordingListener>> {
  const listeners = new Map(rooms.map((room) => [room, new RecordingListener()]));
  for (let i = 0; i < rooms.length; i += 500) {
    await Promise.all(rooms.slice(i, i + 500).map((room) => broker.subscribe(room, listeners.get(room) as RecordingListener)));
  }
  return listeners;
}

describe('thousands of channels', () => {
  it('come and go and leave nothing behind on the server', async () => {
    const { broker } = await gateways.open();
    for (let round = 1; round <= 3; round++) {
      const rooms = ids(`r${round}-`, 2_000);
      await listenAll(broker, rooms);
      expect(await subscribedOnServer()).toBe(2_000);
      await Promise.all(rooms.map((room) => broker.unsubscribe(room)));
      expect(await subscribedOnServer()).toBe(0);
    }
  });

  it('that are unsubscribed before they are live leave nothing behind either', async () => {
    const { broker } = await gateways.open();
    const rooms = ids('room', 1_000);
    const subscribing = rooms.map((room) => broker.subscribe(room, new RecordingListener()));
    await Promise.all([...subscribing, ...rooms.map((room) => broker.unsubscribe(room))]);
    expect(await subscribedOnServer()).toBe(0);
  });

  it('that are subscribed and unsubscribed in turn end as they were last asked for', async () => {
    const { broker } = await gateways.open();
    const rooms = ids('room', 100);
    const calls: Promise<unknown>[] = [];
    const last = new Map(rooms.map((room) => [room, new RecordingListener()]));
    for (let round = 0; round < 20; round++) {
      for (const room of rooms) calls.push(broker.subscribe(room, new RecordingListener()), broker.unsubscribe(room));
    }
    for (const [room, listener] of last) calls.push(broker.subscribe(room, listener));
    await Promise.all(calls);
    expect(await subscribedOnServer()).toBe(100);
    await Promise.all(rooms.map((room) => broker.publish(room, message('m1'))));
    for (const listener of last.values()) await listener.until(({ ids }) => ids.includes('m1'));
  });

  it('are all live again within seconds after the connection broke, each told of what was missed', async () => {
    const [{ broker, becomes }, other] = [await gateways.open(), await gateways.open()];
    const rooms = ids('room', COUNT);
    const listeners = await listenAll(broker, rooms);
    await server.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await becomes('degraded');
    const before = performance.now();
    const missed = Promise.all(rooms.map((room) => other.broker.publish(room, message('missed'))));
    await becomes('ok');
    expect(performance.now() - before).toBeLessThan(10_000);
    await missed;
    expect(await subscribedOnServer()).toBe(COUNT);
    for (const listener of listeners.values()) await listener.until(({ ids }) => ids.includes('missed'));
    await Promise.all(rooms.map((room) => other.broker.publish(room, message('next'))));
    for (const listener of listeners.values()) await listener.until(({ ids }) => ids.includes('next'));
  });

  it('coming back do not hold up a new one', async () => {
    const { broker, becomes, healths } = await gateways.open();
    await listenAll(broker, ids('room', COUNT));
    await server.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await becomes('degraded');
    const listener = new RecordingListener();
    await broker.subscribe('new', listener);
    await broker.publish('new', message('m1'));
    await listener.until(({ ids }) => ids.includes('m1'));
    expect(healths.at(-1)).toEqual({ kind: 'degraded', reason: 'Live delivery is being resumed.' });
    expect(await subscribedOnServer()).toBeLessThan(COUNT);
  });

  it('that were unsubscribed while the connection was away are not subscribed again', async () => {
    const { broker, becomes } = await gateways.open();
    const rooms = ids('room', 500);
    await listenAll(broker, rooms);
    await server.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await becomes('degraded');
    await Promise.all(rooms.slice(1).map((room) => broker.unsubscribe(room)));
    await becomes('ok');
    expect(await subscribedOnServer()).toBe(1);
  });

  it('are let go of by the server when the broker is closed', async () => {
    const { broker } = await gateways.open();
    await listenAll(broker, ids('room', 500));
    await broker.close();
    await expect.poll(subscribedOnServer, { timeout: 5_000 }).toBe(0);
    await expect.poll(async () => (await server.info('clients')).connected_clients, { timeout: 5_000 }).toBe('1');
  });
});

describe('a broker that is used for long', () => {
  it('keeps nothing of channels that nobody uses any more', async () => {
    const { broker } = await gateways.open();
    const use = async (prefix: string) => {
      const rooms = ids(prefix, 500);
      await listenAll(broker, rooms);
      await Promise.all(rooms.map((room) => broker.publish(room, message('m1'))));
      await Promise.all(rooms.map((room) => broker.join(room, { member: 'ann', connection: 'c1' }, 60_000)));
      await Promise.all(rooms.map((room) => broker.presence(room)));
      await Promise.all(rooms.map((room) => broker.leave(room, 'ann', 'c1')));
      await Promise.all(rooms.map((room) => broker.unsubscribe(room)));
    };
    await use('warm');
    const collect = await garbageCollector();
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let round = 0; round < 8; round++) await use(`r${round}-`);
    collect();
    // 4,000 channels: a hundred bytes of each that stayed would be seen.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(400_000);
  });
});

async function garbageCollector(): Promise<() => void> {
  const [{ setFlagsFromString }, { runInNewContext }] = await Promise.all([import('node:v8'), import('node:vm')]);
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
