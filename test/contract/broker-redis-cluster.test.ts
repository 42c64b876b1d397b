import { afterAll, beforeAll } from 'vitest';
import { redisStore } from '../fakes/redis-store.ts';
import { ClusterServers } from '../servers/redis/cluster.ts';
import { brokerContract } from './broker.ts';

let cluster: ClusterServers;
beforeAll(async () => {
  cluster = await ClusterServers.start({ movableClock: true });
}, 300_000);
afterAll(() => cluster.stop());

brokerContract('Redis Cluster', async () =>
  redisStore({
    // One of them is enough: it tells of the others.
    place: { kind: 'cluster', nodes: cluster.nodes.slice(0, 1).map(({ host, port }) => ({ host, port })) },
    access: { database: 0, tls: null },
    advance: (ms) => cluster.advance(ms),
  }),
);
