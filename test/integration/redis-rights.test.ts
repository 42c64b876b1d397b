import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Broker } from '../../gateway/broker/broker.ts';
import { openBroker } from '../../gateway/broker/open.ts';
import { REDIS_DEFAULTS, type RedisSettings } from '../../gateway/broker/redis-settings.ts';
import { newBrokerTelemetry } from '../../gateway/broker/telemetry.ts';
import { RedisServer } from '../servers/redis/server.ts';

/** The rule as the page has it, without the word `user`. */
const [, RULE = ''] = /^user (chat on .*)$/m.exec(readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8')) ?? [];
const SETTINGS: RedisSettings = { ...REDIS_DEFAULTS, redisKeyPrefix: 'chat:', redisPassword: 'a-long-password' };

const servers: RedisServer[] = [];
const brokers: Broker[] = [];
let telemetry = newBrokerTelemetry();
beforeEach(() => {
  telemetry = newBrokerTelemetry();
});
afterEach(async () => {
  for (const broker of brokers.splice(0)) await broker.close();
  for (const server of servers.splice(0)) await server.stop();
});

async function start(rule: string, config: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
  const server = await RedisServer.start({ users: [rule], config });
  servers.push(server);
  return server;
}

async function open(url: string, settings: RedisSettings = SETTINGS): Promise<Broker> {
  const broker = await openBroker(url, { redis: settings, telemetry });
  brokers.push(broker);
  return broker;
}

/** Does all that a broker can. */
async function useAll(broker: Broker): Promise<void> {
  const heard: string[] = [];
  await broker.subscribe('room', {
    message: ({ id }) => heard.push(id),
    event: ({ name }) => heard.push(name),
    presence: ({ kind }) => heard.push(kind),
  });
  const head = await broker.head('room');
  // Enough that the oldest are let go of.
  for (let i = 0; i < 20; i++) await broker.publish('room', { id: `m${i}`, member: 'ann', data: '1' });
  broker.sendEvent('room', { member: 'ann', name: 'typing' });
  await broker.join('room', { member: 'ann', connection: 'c1' }, 60_000);
  expect((await broker.presence('room')).members).toEqual([{ member: 'ann' }]);
  await broker.leave('room', 'ann', 'c1');
  expect((await broker.read('room', head, 100)).kind).toBe('messages');
  expect((await broker.page('room', null, 5)).messages).toHaveLength(5);
  await vi.waitFor(() => expect(heard).toEqual([...Array.from({ length: 20 }, (_, i) => `m${i}`), 'typing', 'join', 'leave']));
  await broker.unsubscribe('room');
}

/** What users were refused, as the server keeps it. */
const refused = async (server: RedisServer) => (await server.command('ACL', 'LOG')) as readonly unknown[];

describe('the rule in docs/operations.md', () => {
  it('is enough for one server, in a database of its own', async () => {
    const server = await start(RULE);
    await useAll(await open(`redis://chat@${server.host}:${server.port}/2`));
    expect([await refused(server), [...telemetry.failures]]).toEqual([[], []]);
  });

  it('is enough for replicas', async () => {
    const server = await start(RULE);
    const replica = await start(RULE, { replicaof: `${server.host} ${server.port}` });
    const broker = await open(`redis://chat@${server.host}:${server.port}`, { ...SETTINGS, durability: 'replicated' });
    await vi.waitFor(async () => expect((await server.info('replication')).slave0).toContain('state=online'), { timeout: 10_000 });
    await useAll(broker);
    expect([await refused(server), await refused(replica), [...telemetry.failures]]).toEqual([[], [], []]);
  });

  it('is enough for a Cluster', async () => {
    const server = await start(RULE, { 'cluster-enabled': 'yes' });
    await server.command('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383);
    await useAll(await open(`redis+cluster://chat@${server.host}:${server.port}`));
    expect(await refused(server)).toEqual([]);
  });

  const needed = [...RULE.matchAll(/\+(\S+)/g)].map(([, right = '']) => right);
  it.each(needed.filter((right) => /^(script|evalsha|time|h|pexpire|spublish|ssubscribe|sunsubscribe)/.test(right)))(
    'has no right in vain: %s',
    async (right) => {
      const server = await start(RULE.replace(` +${right} `, ' '));
      const used = open(`redis://chat@${server.host}:${server.port}`).then(useAll);
      await expect(used).rejects.toThrow(/docs\/operations.md has the rule to give it/);
    },
  );

  it('lets nobody touch the keys of another prefix', async () => {
    const server = await start(RULE);
    await expect(open(`redis://chat@${server.host}:${server.port}`, { ...SETTINGS, redisKeyPrefix: 'other:' })).rejects.toThrow(
      'on keys and channels that begin with "other:"; docs/operations.md has the rule to give it',
    );
  });
});
