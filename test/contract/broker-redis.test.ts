import { afterAll, beforeAll } from 'vitest';
import { redisStore } from '../fakes/redis-store.ts';
import { RedisServer } from '../servers/redis/server.ts';
import { brokerContract } from './broker.ts';

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start({ movableClock: true });
}, 300_000);
afterAll(() => server.stop());

brokerContract('Redis, one server', async () =>
  redisStore({
    place: { kind: 'server', address: { host: server.host, port: server.port } },
    access: { database: 0, tls: null },
    advance: (ms) => server.advance(ms),
  }),
);
