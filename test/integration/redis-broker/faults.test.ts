import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BrokerUnavailable } from '../../../gateway/broker/broker.ts';
import { keysOf } from '../../../gateway/broker/redis/keys.ts';
import { SCRIPTS } from '../../../gateway/broker/redis/scripts.ts';
import { ids, listen, message, publishAll } from '../../contract/broker/build.ts';
import { RedisServer } from '../../servers/redis/server.ts';
import { Follower } from './follower.ts';
import { Gateways, historyOf, Publishing } from './world.ts';

const ENDLESS = { maxMessages: 1_000_000, maxAgeMs: 3_600_000 };
let server: RedisServer;
let gateways: Gateways;
beforeAll(async () => {
  server = await RedisServer.start({ movableClock: true });
}, 300_000);
afterAll(() => server.stop());
beforeEach(() => {
  gateways = new Gateways(server, { history: ENDLESS });
});
afterEach(async () => {
  await server.command('CONFIG', 'SET', 'maxmemory', 0, 'maxmemory-policy', 'noeviction');
  await gateways.close();
});

const keyOf = (channel: string) => keysOf(gateways.options.keyPrefix, channel).channel;

/** Publishes and follows on two gateways while something is done to the server again and again; then all must be stored once, in order, and heard. */
async function survives(disturb: (round: number) => Promise<unknown>, rounds = 5): Promise<Gateways> {
  const [a, b] = [await gateways.open(), await gateways.open()];
  const followers = [await Follower.start(a.broker, 'room'), await Follower.start(b.broker, 'room')];
  const publishing = [new Publishing(a.broker, 'room', 'a'), new Publishing(b.broker, 'room', 'b')];
  for (let round = 1; round <= rounds; round++) {
    await Promise.all(followers.map((follower) => follower.until(`a${round * 50}`)));
    await disturb(round);
  }
  await Promise.all(publishing.map((one) => one.stop()));
  await a.broker.publish('room', message('last'));
  await Promise.all(followers.map((follower) => follower.until('last')));
  const history = await historyOf(a.broker, 'room');
  expect(history.filter((id) => id.startsWith('a'))).toEqual(publishing[0]?.ids);
  expect(history.filter((id) => id.startsWith('b'))).toEqual(publishing[1]?.ids);
  for (const { ids, gaps } of followers) {
    expect(ids).toEqual(history);
    expect(gaps).toEqual([]);
  }
  for (const { telemetry } of [a, b]) expect(telemetry.waiting).toBe(0);
  return gateways;
}

describe('nothing is lost, stored twice or out of order', () => {
  it('when the connections for calls are killed', () => survives(() => server.command('CLIENT', 'KILL', 'TYPE', 'normal')));

  it('when the connections for live delivery are killed', () => survives(() => server.command('CLIENT', 'KILL', 'TYPE', 'pubsub')));

  it('when all connections are killed', () =>
    survives(async () => {
      await server.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await server.command('CLIENT', 'KILL', 'TYPE', 'normal');
    }));

  it('when the server pauses its clients', () => survives(() => server.command('CLIENT', 'PAUSE', 300, 'ALL'), 3));

  it('when the server pauses writes for longer than a connection may be silent', async () => {
    gateways = new Gateways(server, { history: ENDLESS, limits: { ...gateways.options.limits, silenceMs: 300 } });
    await survives(() => server.command('CLIENT', 'PAUSE', 1_000, 'WRITE'), 2);
  });

  it('when the server forgets the scripts', () => survives(() => server.command('SCRIPT', 'FLUSH')));
});

describe('a server that forgot the scripts', () => {
  it('gets each once more, however many calls need them, and nothing counts as a failure', async () => {
    const { broker, telemetry } = await gateways.open();
    await broker.head('room');
    await server.command('SCRIPT', 'FLUSH');
    await server.command('CONFIG', 'RESETSTAT');
    await Promise.all(ids('room', 200).map((room) => broker.publish(room, message('m1'))));
    const { 'cmdstat_script|load': loads } = await server.info('commandstats');
    expect(Number(/calls=(\d+)/.exec(loads ?? '')?.[1])).toBe(Object.keys(SCRIPTS).length);
    expect(telemetry.failures.size).toBe(0);
  });
});

describe('a server that is out of memory', () => {
  const fill = () => server.command('CONFIG', 'SET', 'maxmemory', 1);
  const makeRoom = () => server.command('CONFIG', 'SET', 'maxmemory', 0);

  it('fails publishes in time with a line that names maxmemory', async () => {
    const { broker, telemetry, log } = await gateways.open({ limits: { ...gateways.options.limits, publishTimeoutMs: 400 } });
    await fill();
    const before = performance.now();
    const error: unknown = await broker.publish('room', message('m1')).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(BrokerUnavailable);
    const line = `Redis at ${server.host}:${server.port}: It is out of memory: raise its maxmemory, or keep less history (spec.history).`;
    expect((error as Error).message).toBe(line);
    expect(performance.now() - before).toBeLessThan(900);
    expect(telemetry.failures.get('out-of-memory')).toBeGreaterThan(1);
    expect(log.lines.filter((text) => text === `warn ${line}`)).toHaveLength(1);
  });

  it('stores what waits once there is room, in order', async () => {
    const { broker } = await gateways.open();
    await fill();
    const publishing = publishAll(broker, 'room', ids('m', 200));
    await expect.poll(() => server.info('errorstats')).toHaveProperty('errorstat_OOM');
    await makeRoom();
    await publishing;
    expect(await historyOf(broker, 'room')).toEqual(ids('m', 200));
  });

  it('still answers reads, pages, heads and subscriptions of the channels it has', async () => {
    const { broker } = await gateways.open();
    const stored = await publishAll(broker, 'room', ids('m', 300));
    const first = stored[0]?.position;
    if (first === undefined) throw new Error('not stored');
    await fill();
    const follower = await Follower.start(broker, 'room');
    expect(follower.position).toEqual(stored.at(-1)?.position);
    expect(await historyOf(broker, 'room')).toEqual(ids('m', 300));
    const result = await broker.read('room', first, 1_000);
    expect(result.kind === 'messages' && result.messages.map(({ id }) => id)).toEqual(ids('m', 300).slice(1));
  });

  it('still lets history expire', async () => {
    gateways = new Gateways(server, { history: { maxMessages: 1_000, maxAgeMs: 60_000 } });
    const { broker } = await gateways.open();
    const [first] = await publishAll(broker, 'room', ids('m', 300));
    if (first === undefined) throw new Error('not stored');
    await fill();
    server.advance(60_000);
    expect(await broker.read('room', first.position, 10)).toMatchObject({ kind: 'gap', reason: 'trimmed', to: { offset: 300 } });
    expect((await broker.page('room', null, 10)).messages).toEqual([]);
  });

  it('still tells who is there, lets sessions leave and expire', async () => {
    const { broker } = await gateways.open();
    const join = (member: string, ttlMs: number) => broker.join('room', { member, connection: `c-${member}` }, ttlMs);
    for (const member of ['ann', 'bob', 'cem']) await join(member, 10_000);
    // The time at which somebody might expire first is over when nobody does.
    for (const member of ['ann', 'bob']) await join(member, 60_000);
    server.advance(9_000);
    await join('cem', 60_000);
    await fill();
    server.advance(2_000);
    const names = async () => (await broker.presence('room')).members.map(({ member }) => member).toSorted();
    expect(await names()).toEqual(['ann', 'bob', 'cem']);
    await broker.leave('room', 'bob', 'c-bob');
    expect(await names()).toEqual(['ann', 'cem']);
    server.advance(60_000);
    expect(await names()).toEqual([]);
  });

  it('still delivers ephemeral events', async () => {
    const { broker } = await gateways.open();
    await broker.head('room');
    await fill();
    const listener = await listen(broker, 'room');
    broker.sendEvent('room', { member: 'ann', name: 'typing' });
    await listener.until(({ events }) => events.length > 0);
  });
});

describe('a server that wants replicas that it has not', () => {
  afterEach(() => server.command('CONFIG', 'SET', 'min-replicas-to-write', 0));

  it('fails publishes in time with a line that says so, and stores what waits once it may', async () => {
    const { broker, telemetry } = await gateways.open({ limits: { ...gateways.options.limits, publishTimeoutMs: 400 } });
    await server.command('CONFIG', 'SET', 'min-replicas-to-write', 1);
    const error: unknown = await broker.publish('room', message('m1')).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(BrokerUnavailable);
    expect(String(error)).toMatch(/too few replicas to take writes \(min-replicas-to-write\)/);
    expect(telemetry.failures.get('replicas')).toBeGreaterThan(1);
    const waiting = publishAll((await gateways.open()).broker, 'room', ids('m', 20));
    await server.command('CONFIG', 'SET', 'min-replicas-to-write', 0);
    await waiting;
    expect(await historyOf(broker, 'room')).toEqual(ids('m', 20));
  });
});

describe('a server that throws data away when it is full', () => {
  it('is warned of at the start', async () => {
    await server.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    const { log } = await gateways.open();
    const [line = ''] = log.lines.filter((text) => text.startsWith('warn '));
    expect(line).toMatch(/^warn Redis at .*: its maxmemory-policy is allkeys-lru: .*Set it to noeviction\.$/);
  });

  it('tells a gap when it threw a channel away', async () => {
    const { broker } = await gateways.open();
    const [first] = await publishAll(broker, 'room', ids('m', 2));
    if (first === undefined) throw new Error('not stored');
    await server.command('DEL', keyOf('room'));
    expect(await broker.read('room', first.position, 10)).toMatchObject({ kind: 'gap', reason: 'epoch' });
  });
});

describe('what somebody else does to the keys', () => {
  it('is passed over when it is a notification that is none', async () => {
    const { broker } = await gateways.open();
    const listener = await listen(broker, 'room');
    for (const text of ['', 'hello', 'm', 'me 1', 'e{', 'j1 2 {', 'l']) await server.command('SPUBLISH', keyOf('room'), text);
    await broker.publish('room', message('m1'));
    await listener.until(({ messages }) => messages.length > 0);
    expect(listener).toMatchObject({ ids: ['m1'], events: [], changes: [] });
  });

  it('fails calls for good when a key is something else', async () => {
    const { broker } = await gateways.open();
    await server.command('SET', keyOf('room'), 'mine');
    for (const call of [broker.head('room'), broker.publish('room', message('m1'))]) {
      const error: unknown = await call.catch((error: unknown) => error);
      expect(error).not.toBeInstanceOf(BrokerUnavailable);
      expect(String(error)).toMatch(/WRONGTYPE/);
    }
  });
});
