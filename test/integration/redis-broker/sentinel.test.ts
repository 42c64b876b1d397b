import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ids, message, publishAll } from '../../contract/broker/build.ts';
import { RecordingListener } from '../../fakes/recording-listener.ts';
import { freePort } from '../../servers/ports.ts';
import { PRIMARY_NAME, SentinelServers } from '../../servers/redis/sentinel.ts';
import type { RedisServer } from '../../servers/redis/server.ts';
import { Follower } from './follower.ts';
import { leastUser } from './least-user.ts';
import { Gateways, historyOf, type Opened, Publishing } from './world.ts';

const ENDLESS = { maxMessages: 1_000_000, maxAgeMs: 3_600_000 };
const LEAST = leastUser('wait');

let servers: SentinelServers;
let gateways: Gateways;
beforeAll(async () => {
  servers = await SentinelServers.start({ replicas: 1, sentinels: 3, users: [LEAST.line] });
}, 300_000);
afterAll(() => servers.stop());
beforeEach(async () => {
  await servers.untilHealthy();
  gateways = at(servers.sentinels);
});
afterEach(async () => {
  await gateways.close();
  for (const server of [...servers.nodes, ...servers.sentinels]) {
    server.resume();
    if (!server.running) await server.restart();
  }
});

const at = (sentinels: readonly { readonly host: string; readonly port: number }[]) =>
  new Gateways(
    {
      place: { kind: 'sentinel', name: PRIMARY_NAME, sentinels: sentinels.map(({ host, port }) => ({ host, port })) },
      access: { database: 0, tls: null, ...LEAST.access },
    },
    { history: ENDLESS, limits: { maxReconnectMs: 200, silenceMs: 1_000 } },
  );

/** Two gateways that publish and follow; then the primary is changed; then all that was acknowledged must be there, once and in order, and heard. */
async function survives(change: (primary: RedisServer, opened: readonly Opened[]) => Promise<unknown>): Promise<void> {
  const opened = [await gateways.open({ durability: 'replicated' }), await gateways.open({ durability: 'replicated' })];
  const followers = await Promise.all(opened.map(({ broker }) => Follower.start(broker, 'room')));
  const publishing = opened.map(({ broker }, i) => new Publishing(broker, 'room', `g${i}-`));
  const goesOn = async () => {
    const goals = publishing.map(({ acknowledged }) => acknowledged + 20);
    await expect.poll(() => publishing.every(({ acknowledged }, i) => acknowledged >= (goals[i] ?? 0)), { timeout: 15_000 }).toBe(true);
  };
  await goesOn();
  await change(await servers.primary(), opened);
  await goesOn();
  await Promise.all(publishing.map((one) => one.stop()));
  const [first] = opened;
  if (first === undefined) throw new Error('no gateway');
  await first.broker.publish('room', message('last'));
  const history = await historyOf(first.broker, 'room');
  for (const [i, { ids }] of publishing.entries()) expect(history.filter((id) => id.startsWith(`g${i}-`))).toEqual(ids);
  for (const follower of followers) {
    await follower.until('last');
    // What was heard and not acknowledged may be lost with a primary.
    expect(follower.gaps.every(({ reason }) => reason === 'fork')).toBe(true);
    expect(follower.idsSinceGap).toEqual(history.slice(follower.gaps.at(-1)?.to.offset ?? 0));
  }
  for (const { telemetry, becomes } of opened) {
    await becomes('ok');
    expect(telemetry.waiting).toBe(0);
  }
}

describe('a primary behind Sentinels', () => {
  it('is found through one Sentinel of several, the others being down', async () => {
    const [one] = servers.sentinels;
    if (one === undefined) throw new Error('no Sentinel');
    const dead = { host: '127.0.0.1', port: await freePort() };
    const some = at([dead, one, dead]);
    try {
      const { broker } = await some.open();
      await publishAll(broker, 'room', ids('m', 3));
      expect(await historyOf(broker, 'room')).toEqual(ids('m', 3));
    } finally {
      await some.close();
    }
  });

  it('is followed when an operator changes it', () => survives(() => servers.failover()));

  it('is followed when it was killed, and health tells of it', () =>
    survives(async (primary, opened) => {
      await primary.kill9();
      for (const { becomes } of opened) await becomes('degraded');
      await servers.untilPrimaryIsNot(primary);
      for (const { becomes } of opened) await becomes('ok');
      await primary.restart();
    }));

  it('is followed when it stood still, and not believed when it goes on', () =>
    survives(async (primary, opened) => {
      primary.pause();
      for (const { becomes } of opened) await becomes('degraded');
      for (const { becomes } of opened) await becomes('ok');
      primary.resume();
      expect(await servers.primary()).not.toBe(primary);
    }));

  it('is followed although a Sentinel is down, which nobody is told of on the console', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => {});
    try {
      const [, second] = servers.sentinels;
      await second?.kill9();
      await survives(async (primary, opened) => {
        await primary.kill9();
        for (const { becomes } of opened) await becomes('degraded');
        await servers.untilPrimaryIsNot(primary);
        await primary.restart();
      });
      expect(said.mock.calls).toEqual([]);
    } finally {
      said.mockRestore();
    }
  });

  it('goes on being served while no Sentinel answers', async () => {
    const { broker, healths } = await gateways.open();
    const listener = new RecordingListener();
    await broker.subscribe('room', listener);
    for (const sentinel of servers.sentinels) await sentinel.kill9();
    await publishAll(broker, 'room', ids('m', 50));
    await listener.until(({ messages }) => messages.length >= 50);
    expect(healths).toEqual([{ kind: 'ok' }]);
  });

  it('is found and watched as a user of the Sentinels with the least rights', async () => {
    const rules = [
      'on',
      '>secret',
      'resetchannels',
      '&+switch-master',
      '-@all',
      '+sentinel|get-master-addr-by-name',
      '+sentinel|sentinels',
    ];
    for (const sentinel of servers.sentinels) await sentinel.command('ACL', 'SETUSER', 'watch', 'reset', ...rules, '+subscribe', '+ping');
    const { place, access } = gateways.options;
    gateways = new Gateways({ place, access: { ...access, sentinelUsername: 'watch', sentinelPassword: 'secret' } });
    const { broker } = await gateways.open();
    await publishAll(broker, 'room', ids('m', 3));
    for (const sentinel of servers.sentinels) {
      await expect.poll(() => sentinel.command('CLIENT', 'LIST', 'TYPE', 'pubsub'), { timeout: 5_000 }).toContain('user=watch');
      const denied = ((await sentinel.command('ACL', 'LOG')) as string[][]).map((entry) => entry[entry.indexOf('object') + 1]);
      expect(denied.filter((command) => !command?.startsWith('client|'))).toEqual([]);
    }
  });

  it('is not found with a wrong password of the Sentinels, which is told at once', async () => {
    const { place, access } = gateways.options;
    const wrong = new Gateways({ place, access: { ...access, sentinelUsername: 'nobody', sentinelPassword: 'wrong' } });
    await expect(wrong.open()).rejects.toThrow(
      `Redis at ${PRIMARY_NAME}: Its Sentinels refuse the user name or password: correct CHATCLUSTER_REDIS_SENTINEL_USERNAME and …_PASSWORD.`,
    );
  });

  it('leaves no connection behind, to Sentinels neither, when the broker is closed', async () => {
    const names = async () => {
      const lists = await Promise.all(
        [...servers.nodes, ...servers.sentinels].map((server) => server.command('CLIENT', 'LIST', 'TYPE', 'normal')),
      );
      const pubsub = await Promise.all(
        [...servers.nodes, ...servers.sentinels].map((server) => server.command('CLIENT', 'LIST', 'TYPE', 'pubsub')),
      );
      return [...lists, ...pubsub]
        .join('')
        .split('\n')
        .filter((line) => /user=least|lib-name=ioredis|cmd=subscribe/.test(line) && !/cmd=client/.test(line));
    };
    const before = (await names()).length;
    const { broker } = await gateways.open();
    await broker.subscribe('room', new RecordingListener());
    expect((await names()).length).toBeGreaterThan(before + 1);
    await broker.close();
    await expect.poll(async () => (await names()).length, { timeout: 5_000 }).toBe(before);
  });
});
