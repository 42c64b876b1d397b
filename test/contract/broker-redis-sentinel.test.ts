import { afterAll, beforeAll } from 'vitest';
import { redisStore } from '../fakes/redis-store.ts';
import { SentinelServers } from '../servers/redis/sentinel.ts';
import { brokerContract } from './broker.ts';

let servers: SentinelServers;
beforeAll(async () => {
  servers = await SentinelServers.start({ movableClock: true, replicas: 1 });
}, 300_000);
afterAll(() => servers.stop());

brokerContract('Redis, a primary behind Sentinels', async () =>
  redisStore({
    place: { kind: 'sentinel', name: 'mymaster', sentinels: servers.sentinels.map(({ host, port }) => ({ host, port })) },
    access: { database: 0, tls: null },
    advance: (ms) => servers.advance(ms),
    // A message that a publisher was told of is on the replica too.
    durability: 'replicated',
  }),
);
