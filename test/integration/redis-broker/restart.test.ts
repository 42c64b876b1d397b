import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ids, message, publishAll } from '../../contract/broker/build.ts';
import { RecordingListener } from '../../fakes/recording-listener.ts';
import { RedisServer, type ServerOptions } from '../../servers/redis/server.ts';
import { Follower } from './follower.ts';
import { Gateways, historyOf, Publishing } from './world.ts';

const ENDLESS = { maxMessages: 1_000_000, maxAgeMs: 3_600_000 };
let server: RedisServer;
let gateways: Gateways;
const start = async (options: ServerOptions = {}) => {
  server = await RedisServer.start(options);
  gateways = new Gateways(server, { history: ENDLESS });
};
afterEach(async () => {
  await gateways.close();
  await server.stop();
});

describe('a Redis that is killed and comes back with its data', () => {
  beforeEach(() => start({ persistence: 'aof-always' }));

  it('has all publishes stored once and in order, and listeners get all', async () => {
    const [a, b] = [await gateways.open(), await gateways.open()];
    const followers = [await Follower.start(a.broker, 'room'), await Follower.start(b.broker, 'room')];
    const publishing = [new Publishing(a.broker, 'room', 'a'), new Publishing(b.broker, 'room', 'b')];
    for (let i = 0; i < 3; i++) {
      await followers[0]?.until(`a${100 * (i + 1)}`);
      await server.kill9();
      await a.becomes('degraded');
      await server.restart();
      await a.becomes('ok');
    }
    await Promise.all(publishing.map((one) => one.stop()));
    await a.broker.publish('room', message('last'));
    await Promise.all(followers.map((follower) => follower.until('last')));
    const history = await historyOf(a.broker, 'room');
    for (const [i, { ids }] of publishing.entries()) {
      expect(history.filter((id) => id.startsWith(['a', 'b'][i] ?? ''))).toEqual(ids);
    }
    for (const { ids, gaps } of followers) {
      expect(ids).toEqual(history);
      expect(gaps).toEqual([]);
    }
    expect(a.telemetry.waiting).toBe(0);
  });

  it('keeps publishes waiting that are called for meanwhile, in their order', async () => {
    const { broker, becomes, telemetry } = await gateways.open();
    await publishAll(broker, 'room', ids('m', 10));
    await server.kill9();
    await becomes('degraded');
    const waiting = publishAll(broker, 'room', ids('n', 200));
    await Promise.resolve();
    expect(telemetry.waiting).toBe(200);
    await server.restart();
    const stored = await waiting;
    expect(stored.map(({ position }) => position.offset)).toEqual(Array.from({ length: 200 }, (_, i) => i + 11));
    expect(await historyOf(broker, 'room')).toEqual([...ids('m', 10), ...ids('n', 200)]);
    expect(telemetry.waiting).toBe(0);
  });

  it('degrades the health, with the reason, until channels are subscribed again; says so once', async () => {
    const { broker, becomes, healths, log, telemetry } = await gateways.open();
    const listener = new RecordingListener();
    await broker.subscribe('room', listener);
    await server.kill9();
    await becomes('degraded');
    expect(telemetry.liveLagMs).toBeNull();
    await log.until(/Nothing listens there/);
    await server.restart();
    await becomes('ok');
    const at = `Redis at ${server.host}:${server.port}`;
    const [first, ...later] = healths;
    expect([first, later.pop()]).toEqual([{ kind: 'ok' }, { kind: 'ok' }]);
    expect(later).toContainEqual({ kind: 'degraded', reason: `${at} does not answer.` });
    expect(later.filter(({ kind }) => kind === 'ok')).toEqual([]);
    expect(log.lines).toEqual([
      `info ${at}: connected.`,
      `warn ${at}: Nothing listens there: start it, or correct the URL.`,
      `info ${at}: connected again.`,
    ]);
    expect(telemetry.failures.get('connection')).toBeGreaterThan(0);
    expect(telemetry.reconnects).toBeGreaterThan(0);
    await broker.publish('room', message('m1'));
    await listener.until(({ messages }) => messages.length > 0);
  });

  it('has other calls wait for it too', async () => {
    const { broker, becomes } = await gateways.open();
    const [first] = await publishAll(broker, 'room', ['m1']);
    await server.kill9();
    await becomes('degraded');
    const calls = Promise.all([
      broker.head('room'),
      broker.page('room', null, 10),
      broker.presence('room'),
      broker.join('room', { member: 'ann', connection: 'c1' }, 30_000),
      broker.subscribe('room', new RecordingListener()),
    ]);
    await server.restart();
    const [head, page] = await calls;
    expect(head).toEqual(first?.position);
    expect(page.messages.map(({ id }) => id)).toEqual(['m1']);
  });
});

describe('a Redis that lost data', () => {
  it('tells a gap of the reason epoch when it comes back empty', async () => {
    await start();
    const { broker, becomes } = await gateways.open();
    const old = (await publishAll(broker, 'room', ids('m', 5)))[4]?.position;
    await server.kill9();
    await server.restart();
    await becomes('ok');
    const [first] = await publishAll(broker, 'room', ids('n', 2));
    if (old === undefined || first === undefined) throw new Error('not stored');
    expect(first.position.epoch).not.toBe(old.epoch);
    expect(await broker.read('room', old, 10)).toEqual({
      kind: 'gap',
      reason: 'epoch',
      to: { epoch: first.position.epoch, offset: 0, digest: '' },
    });
  });

  it('tells a gap of the reason epoch after FLUSHALL, to listeners too as soon as there is something new', async () => {
    await start();
    const { broker } = await gateways.open();
    const follower = await Follower.start(broker, 'room');
    await publishAll(broker, 'room', ids('m', 5));
    await follower.until('m5');
    await server.command('FLUSHALL');
    await publishAll(broker, 'room', ids('n', 5));
    await follower.until('n5');
    expect(follower.ids).toEqual([...ids('m', 5), ...ids('n', 5)]);
    expect(follower.gaps.map(({ reason }) => reason)).toEqual(['epoch']);
  });

  it('stores an id anew that only the lost data had', async () => {
    await start();
    const { broker } = await gateways.open();
    await broker.publish('room', message('m1'));
    await server.command('FLUSHALL');
    expect(await broker.publish('room', message('m1'))).toMatchObject({ duplicate: false, position: { offset: 1 } });
  });

  it.each([
    { name: 'that has less now', after: 2 },
    { name: 'that has as much again', after: 5 },
    { name: 'that has more again', after: 20 },
  ])('tells a gap of the reason fork after an older snapshot, $name', async ({ after }) => {
    await start();
    const { broker, becomes } = await gateways.open();
    const kept = await publishAll(broker, 'room', ids('kept', 5));
    await server.command('SAVE');
    copyFileSync(join(server.folder, 'dump.rdb'), join(server.folder, 'old.rdb'));
    const lost = await publishAll(broker, 'room', ids('lost', 5));
    await server.kill9();
    copyFileSync(join(server.folder, 'old.rdb'), join(server.folder, 'dump.rdb'));
    await server.restart();
    await becomes('ok');
    const later = await publishAll(broker, 'room', ids('new', after));
    const head = later.at(-1)?.position;
    for (const { position } of lost) expect(await broker.read('room', position, 100)).toEqual({ kind: 'gap', reason: 'fork', to: head });
    for (const { position } of kept) {
      const result = await broker.read('room', position, 100);
      const ids_ = result.kind === 'messages' ? result.messages.map(({ id }) => id) : [];
      expect(ids_).toEqual([...ids('kept', 5).slice(position.offset), ...ids('new', after)]);
    }
  });

  it('tells listeners of a fork as soon as it is back, before anything new is published', async () => {
    await start({ config: { save: '' } });
    const { broker, becomes } = await gateways.open();
    const follower = await Follower.start(broker, 'room');
    const kept = await publishAll(broker, 'room', ids('kept', 5));
    await server.command('SAVE');
    await publishAll(broker, 'room', ids('lost', 5));
    await follower.until('lost5');
    await server.kill9();
    await becomes('degraded');
    await server.restart();
    await follower.untilGap();
    expect(follower.gaps).toEqual([{ kind: 'gap', reason: 'fork', to: kept.at(-1)?.position }]);
    await publishAll(broker, 'room', ids('new', 3));
    await follower.until('new3');
    expect(follower.ids).toEqual([...ids('kept', 5), ...ids('lost', 5), ...ids('new', 3)]);
  });
});
