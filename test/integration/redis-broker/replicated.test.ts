import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BrokerUnavailable } from '../../../gateway/broker/broker.ts';
import { keysOf } from '../../../gateway/broker/redis/keys.ts';
import { ids, message, publishAll } from '../../contract/broker/build.ts';
import { RedisServer } from '../../servers/redis/server.ts';
import { Gateways, historyOf, Publishing, publishAgain } from './world.ts';

const REPLICA_MS = 300;
const SOON = { limits: { maxReconnectMs: 200, replicaTimeoutMs: REPLICA_MS } };
const ENDLESS = { maxMessages: 1_000_000, maxAgeMs: 3_600_000 };

let primary: RedisServer;
let replica: RedisServer;
let gateways: Gateways;
beforeEach(async () => {
  primary = await RedisServer.start({ config: { 'repl-diskless-sync-delay': '0', 'repl-ping-replica-period': '1' } });
  replica = await RedisServer.start({ config: { replicaof: `${primary.host} ${primary.port}` } });
  gateways = new Gateways(primary, { durability: 'replicated', history: ENDLESS });
  await replicaFollows();
});
afterEach(async () => {
  replica.resume();
  await gateways.close();
  await replica.stop();
  await primary.stop();
});

/** The replica has all, and says so. */
async function replicaFollows(): Promise<void> {
  await expect.poll(() => replica.info('replication'), { timeout: 10_000 }).toHaveProperty('master_link_status', 'up');
  await expect.poll(() => primary.info('replication'), { timeout: 10_000 }).toHaveProperty('slave0', expect.stringMatching(/state=online/));
}

const has = async (server: RedisServer, channel: string, offset: number) =>
  (await server.command('HEXISTS', keysOf(gateways.options.keyPrefix, channel).channel, `m${offset}`)) === 1;

describe('durability: replicated', () => {
  it('acknowledges what a replica has', async () => {
    const { broker } = await gateways.open();
    for (let i = 1; i <= 50; i++) {
      await broker.publish('room', message(`m${i}`));
      expect(await has(replica, 'room', i)).toBe(true);
    }
  });

  it('waits once for many', async () => {
    const { broker } = await gateways.open();
    await primary.command('CONFIG', 'RESETSTAT');
    await Promise.all(ids('room', 300).map((room) => publishAll(broker, room, ids('m', 3))));
    const { cmdstat_wait: waits = '' } = await primary.info('commandstats');
    expect(Number(/calls=(\d+)/.exec(waits)?.[1])).toBeLessThan(30);
  });

  it.each([
    { name: 'is gone', lose: () => replica.kill9(), comeBack: () => replica.restart() },
    { name: 'stands still', lose: async () => replica.pause(), comeBack: async () => replica.resume() },
  ])(
    'fails in time with a clear line while the replica $name; given again later it is a duplicate at its first place',
    async ({ lose, comeBack }) => {
      const { broker, telemetry, log } = await gateways.open(SOON);
      for (const id of ids('m', 3)) await publishAgain(broker, 'room', id);
      await lose();
      const line = `Redis at ${primary.host}:${primary.port}: No replica confirmed within ${REPLICA_MS} ms: look after its replicas, or lower spec.broker.durability to acknowledged.`;
      // Also a duplicate is not acknowledged before a replica has it.
      for (let i = 0; i < 2; i++) {
        const before = performance.now();
        const error: unknown = await broker.publish('room', message('m4')).catch((error: unknown) => error);
        expect(error).toBeInstanceOf(BrokerUnavailable);
        expect((error as Error).message).toBe(line);
        expect(performance.now() - before).toBeGreaterThan(REPLICA_MS - 20);
        expect(performance.now() - before).toBeLessThan(REPLICA_MS + 500);
      }
      expect(telemetry.failures.get('replicas')).toBeGreaterThanOrEqual(2);
      expect(log.lines.filter((text) => text === `warn ${line}`)).toHaveLength(1);
      // Nor is it by a gateway whose connection has written nothing that a replica lacks.
      await expect((await gateways.open(SOON)).broker.publish('room', message('m4'))).rejects.toThrow(line);
      expect((await broker.head('room')).offset).toBe(4);
      await comeBack();
      await replicaFollows();
      expect(await publishAgain(broker, 'room', 'm4')).toMatchObject({ duplicate: true, position: { offset: 4 } });
      expect(await has(replica, 'room', 4)).toBe(true);
      expect(await historyOf(broker, 'room')).toEqual(ids('m', 4));
    },
  );

  it('loses nothing that was acknowledged when the replica takes over', async () => {
    const { broker } = await gateways.open();
    const publishing = new Publishing(broker, 'room', 'm');
    await expect.poll(() => publishing.acknowledged, { timeout: 10_000 }).toBeGreaterThan(100);
    await primary.kill9();
    const { acknowledged } = publishing;
    await replica.command('REPLICAOF', 'NO', 'ONE');
    const after = new Gateways(replica, { keyPrefix: gateways.options.keyPrefix, history: ENDLESS });
    const { broker: other } = await after.open();
    expect((await historyOf(other, 'room')).slice(0, acknowledged)).toEqual(publishing.ids.slice(0, acknowledged));
    await after.close();
    await gateways.close();
    await publishing.stop();
  });

  it('answers other calls at once while no publish waits', async () => {
    const { broker } = await gateways.open();
    replica.pause();
    const before = performance.now();
    await Promise.all([broker.head('room'), broker.presence('room'), broker.join('room', { member: 'ann', connection: 'c' }, 30_000)]);
    expect(performance.now() - before).toBeLessThan(REPLICA_MS);
  });
});

describe('durability: acknowledged', () => {
  it('asks nothing of replicas', async () => {
    const { broker } = await gateways.open({ durability: 'acknowledged' });
    replica.pause();
    await primary.command('CONFIG', 'RESETSTAT');
    await publishAll(broker, 'room', ids('m', 10));
    expect(await primary.info('commandstats')).not.toHaveProperty('cmdstat_wait');
  });
});
