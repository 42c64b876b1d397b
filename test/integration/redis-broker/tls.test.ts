import { afterEach, describe, expect, it } from 'vitest';
import { openBroker } from '../../../gateway/broker/open.ts';
import type { RedisBroker } from '../../../gateway/broker/redis/broker.ts';
import type { RedisAccess, RedisPlace } from '../../../gateway/broker/redis/options.ts';
import { REDIS_DEFAULTS } from '../../../gateway/broker/redis-settings.ts';
import { ids, listen, message, publishAll } from '../../contract/broker/build.ts';
import { ClusterServers } from '../../servers/redis/cluster.ts';
import { PRIMARY_NAME, SentinelServers } from '../../servers/redis/sentinel.ts';
import { RedisServer } from '../../servers/redis/server.ts';
import { Gateways, publishAgain } from './world.ts';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** Messages, live delivery and presence from one gateway to another. */
async function serves(place: RedisPlace, access: RedisAccess): Promise<RedisBroker> {
  const gateways = new Gateways({ place, access });
  stops.push(() => gateways.close());
  const [a, b] = [(await gateways.open()).broker, (await gateways.open()).broker];
  const listener = await listen(b, 'room');
  await publishAll(a, 'room', ids('m', 20));
  await listener.until(({ messages }) => messages.length >= 20);
  expect(listener.ids).toEqual(ids('m', 20));
  await a.join('room', { member: 'ann', connection: 'c1' }, 30_000);
  expect((await b.presence('room')).members).toEqual([{ member: 'ann' }]);
  return a;
}

const addressesOf = (servers: readonly RedisServer[]) => servers.map(({ host, port }) => ({ host, port }));

describe('with TLS', () => {
  it('one server is used as its URL and a file with its authority say', async () => {
    const server = await RedisServer.start({ tls: true, password: 'sesame' });
    stops.push(() => server.stop());
    const broker = await openBroker(server.url, { redis: { ...REDIS_DEFAULTS, redisCaFile: server.caFile ?? '' } });
    stops.push(() => broker.close());
    const listener = await listen(broker, 'room');
    await broker.publish('room', message('m1'));
    await listener.until(({ ids }) => ids.includes('m1'));
  });

  it('a Cluster is used, also after a shard failed over', async () => {
    const cluster = await ClusterServers.start({ tls: true, password: 'sesame' });
    stops.push(() => cluster.stop());
    const [first] = cluster.nodes;
    const access = { database: 0, tls: first?.connection.tls ?? null, password: 'sesame' };
    const broker = await serves({ kind: 'cluster', nodes: addressesOf(cluster.nodes.slice(0, 1)) }, access);
    const [shard] = await cluster.shards();
    if (shard === undefined) throw new Error('no shard');
    await cluster.failover(shard.primary);
    for (const room of ids('room', 20)) expect(await publishAgain(broker, room, 'after')).toMatchObject({ position: { offset: 1 } });
  }, 30_000);

  it('a primary behind Sentinels is used, also after a failover', async () => {
    const servers = await SentinelServers.start({ tls: true, password: 'sesame', replicas: 1 });
    stops.push(() => servers.stop());
    const [first] = servers.nodes;
    const access = { database: 0, tls: first?.connection.tls ?? null, password: 'sesame', sentinelPassword: 'sesame' };
    const place = { kind: 'sentinel', name: PRIMARY_NAME, sentinels: addressesOf(servers.sentinels) } as const;
    const broker = await serves(place, access);
    await servers.failover();
    expect(await publishAgain(broker, 'room', 'after')).toMatchObject({ duplicate: false });
  }, 30_000);
});
