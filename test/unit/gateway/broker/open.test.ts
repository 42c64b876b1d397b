import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BrokerUnavailable } from '../../../../gateway/broker/broker.ts';
import { MemoryEngine } from '../../../../gateway/broker/memory/engine.ts';
import { openBroker } from '../../../../gateway/broker/open.ts';
import type { RedisOptions } from '../../../../gateway/broker/redis/options.ts';
import { REDIS_DEFAULTS } from '../../../../gateway/broker/redis-settings.ts';
import { serveBroker } from '../../../../gateway/broker/server.ts';
import { newBrokerTelemetry } from '../../../../gateway/broker/telemetry.ts';

const opened: RedisOptions[] = [];
vi.mock('../../../../gateway/broker/redis/open.ts', () => ({
  openRedis: (options: RedisOptions) => {
    opened.push(options);
    return Promise.resolve(new MemoryEngine().connect());
  },
}));

describe('openBroker', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'broker-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('memory: keeps as much history as it is told', async () => {
    const broker = await openBroker('memory:', { history: { maxMessages: 1, maxAgeMs: 60_000 } });
    for (const id of ['m1', 'm2']) await broker.publish('room', { id, member: 'ann', data: '1' });
    expect((await broker.page('room', null, 10)).messages.map(({ id }) => id)).toEqual(['m2']);
    await broker.close();
  });

  it('unix: reaches the broker that is served there', async () => {
    const path = join(folder, 'a socket: with spaces');
    const served = new MemoryEngine().connect();
    const server = await serveBroker(served, path);
    const broker = await openBroker(`unix:${path}`);
    await broker.publish('room', { id: 'm1', member: 'ann', data: '1' });
    expect((await served.head('room')).offset).toBe(1);
    await broker.close();
    await server.close();
    await served.close();
  });

  it('unix: says that nothing answers there', async () => {
    await expect(openBroker(`unix:${folder}/none`)).rejects.toThrow(BrokerUnavailable);
    await expect(openBroker(`unix:${folder}/none`)).rejects.toThrow(`No broker answers at ${folder}/none`);
  });

  it('redis: hands on where it is, how to get in, and all that it works by', async () => {
    const history = { maxMessages: 7, maxAgeMs: 60_000 };
    const telemetry = newBrokerTelemetry();
    const redis = { ...REDIS_DEFAULTS, durability: 'replicated', redisKeyPrefix: 'chat:', redisPassword: 'pw' } as const;
    const broker = await openBroker('redis://u@r:1/2', { history, telemetry, redis });
    expect(opened.pop()).toMatchObject({
      place: { kind: 'server', address: { host: 'r', port: 1 } },
      access: { username: 'u', password: 'pw', database: 2, tls: null },
      keyPrefix: 'chat:',
      durability: 'replicated',
      history,
    });
    await broker.close();
  });

  it('redis: has a default for all but the URL', async () => {
    await (await openBroker('redis+cluster://a,b')).close();
    const { telemetry, log, ...rest } = opened.pop() ?? {};
    expect([telemetry, Object.keys(log ?? {})]).toEqual([newBrokerTelemetry(), ['debug', 'info', 'warn', 'error']]);
    expect(rest).toEqual({
      place: { kind: 'cluster', nodes: ['a', 'b'].map((host) => ({ host, port: 6379 })) },
      access: { database: 0, tls: null },
      keyPrefix: 'chatcluster:',
      durability: 'acknowledged',
      history: { maxMessages: 1000, maxAgeMs: 3_600_000 },
    });
  });

  it.each(['', 'memory', 'memory:x', 'unix:relative', 'kafka://somewhere', 'unix'])(
    'refuses "%s" and says what is possible',
    async (url) => {
      await expect(openBroker(url)).rejects.toThrow(`"${url}" is not known; use "memory:"`);
    },
  );

  it('refuses the URL of a Redis that is wrong, and says why', async () => {
    await expect(openBroker('localhost:6379')).rejects.toThrow('"localhost:6379" has no scheme; write "redis://localhost:6379".');
  });
});
