import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BrokerUnavailable } from '../../../gateway/broker/broker.ts';
import type { RedisBroker } from '../../../gateway/broker/redis/broker.ts';
import { positionOf } from '../../../gateway/broker/redis/entry.ts';
import type { RedisLimits } from '../../../gateway/broker/redis/options.ts';
import { ids, message, publishAll } from '../../contract/broker/build.ts';
import { RecordingListener } from '../../fakes/recording-listener.ts';
import { TcpProxy } from '../../servers/redis/proxy.ts';
import { RedisServer } from '../../servers/redis/server.ts';
import { Follower } from './follower.ts';
import { Gateways, historyOf } from './world.ts';

/** What "not later than" allows for. */
const LATE_MS = 500;

let server: RedisServer;
let proxy: TcpProxy;
let gateways: Gateways;
beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server.stop());
beforeEach(async () => {
  proxy = await TcpProxy.start(server);
  gateways = new Gateways({
    place: { kind: 'server', address: { host: proxy.host, port: proxy.port } },
    access: { database: 0, tls: null },
  });
});
afterEach(async () => {
  server.resume();
  await gateways.close();
  await proxy.stop();
});

const open = (limits: Partial<RedisLimits> = {}) => gateways.open({ limits: { ...gateways.options.limits, ...limits } });

/** Rejects with BrokerUnavailable after this time, and not much later. */
async function failsAfter(ms: number, call: () => Promise<unknown>, text = /./): Promise<void> {
  const before = performance.now();
  const error: unknown = await call().then(
    () => 'no failure',
    (error: unknown) => error,
  );
  const took = performance.now() - before;
  expect(error).toBeInstanceOf(BrokerUnavailable);
  expect((error as Error).message).toMatch(text);
  expect(took).toBeGreaterThan(ms - 20);
  expect(took).toBeLessThan(ms + LATE_MS);
}

/** Everything but publishing that may be asked of a broker. */
const CALLS: readonly ((broker: RedisBroker) => Promise<unknown>)[] = [
  (broker) => broker.head('room'),
  (broker) => broker.read('room', positionOf('e', 0, ''), 10),
  (broker) => broker.page('room', null, 10),
  (broker) => broker.subscribe('room', new RecordingListener()),
  (broker) => broker.join('room', { member: 'ann', connection: 'c1' }, 30_000),
  (broker) => broker.leave('room', 'ann', 'c1'),
  (broker) => broker.presence('room'),
];

/** How Redis may be away, and be back. */
const OUTAGES = [
  { name: 'that can not be reached', leave: () => proxy.cut(), comeBack: () => proxy.heal() },
  { name: 'that is silent', leave: () => proxy.stall(), comeBack: () => proxy.heal() },
  { name: 'that stands still', leave: () => server.pause(), comeBack: () => server.resume() },
] as const;

describe.each(OUTAGES)('a Redis $name', ({ leave, comeBack }) => {
  it('fails publishes in time, and takes them again when it is back', async () => {
    const { broker, becomes, telemetry } = await open({ publishTimeoutMs: 400, silenceMs: 1_000 });
    await publishAll(broker, 'room', ids('m', 3));
    leave();
    await failsAfter(400, () => broker.publish('room', message('lost')));
    expect(telemetry.waiting).toBe(0);
    await becomes('degraded');
    await failsAfter(400, () => broker.publish('room', message('lost too')), /^Redis at .*(is not connected|connection was closed)\.$/);
    await comeBack();
    await becomes('ok');
    expect((await broker.publish('other', message('m4'))).position.offset).toBe(1);
  });

  it('fails every other call in time, and answers when it is back', async () => {
    const { broker, becomes } = await open({ callTimeoutMs: 300, silenceMs: 1_000 });
    const failAll = () => Promise.all(CALLS.map((call) => failsAfter(300, () => call(broker))));
    leave();
    await failAll();
    await becomes('degraded');
    await failAll();
    await comeBack();
    await becomes('ok');
    for (const call of CALLS) await call(broker);
  });

  it('is noticed soon by one that asks nothing', async () => {
    const { broker, becomes } = await open({ silenceMs: 500 });
    const listener = new RecordingListener();
    await broker.subscribe('room', listener);
    const before = performance.now();
    leave();
    await becomes('degraded');
    // A ping each second, the silence, and the connection that is given up.
    expect(performance.now() - before).toBeLessThan(500 + 1_000 + 2 * LATE_MS);
    await comeBack();
    await becomes('ok');
    await broker.publish('room', message('m1'));
    await listener.until(({ ids }) => ids.includes('m1'));
  });

  it('has what was published by others meanwhile for its listeners when it is back, in order', async () => {
    const direct = new Gateways(server, { keyPrefix: gateways.options.keyPrefix });
    try {
      const [{ broker, becomes }, other] = [await open({ silenceMs: 500 }), await direct.open({ limits: { silenceMs: 60_000 } })];
      const follower = await Follower.start(broker, 'room');
      leave();
      const publishing = publishAll(other.broker, 'room', ids('m', 50));
      await becomes('degraded');
      await comeBack();
      await publishing;
      await becomes('ok');
      await follower.until('m50');
      expect(follower.ids).toEqual(ids('m', 50));
      expect(follower.gaps).toEqual([]);
    } finally {
      await direct.close();
    }
  });
});

describe('a Redis that is away for a while', () => {
  it('has everything stored once and in order that was called for before and meanwhile', async () => {
    const { broker, becomes, telemetry } = await open({ silenceMs: 400 });
    const publishing = [publishAll(broker, 'room', ids('m', 100))];
    proxy.stall();
    publishing.push(publishAll(broker, 'room', ids('n', 100)));
    await becomes('degraded');
    publishing.push(publishAll(broker, 'room', ids('o', 100)));
    await proxy.heal();
    const stored = (await Promise.all(publishing)).flat();
    expect(stored.map(({ position }) => position.offset)).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
    expect(telemetry.waiting).toBe(0);
  });

  it('takes no more than so many messages', async () => {
    const { broker, becomes, telemetry } = await open({ maxWaiting: 100 });
    proxy.cut();
    await becomes('degraded');
    const taken = publishAll(broker, 'room', ids('m', 100));
    await failsAfter(0, () => broker.publish('other', message('x')), /^100 messages wait for Redis; no more are taken until it answers\.$/);
    expect(telemetry.waiting).toBe(100);
    await proxy.heal();
    expect(await taken).toHaveLength(100);
    expect(await historyOf(broker, 'room')).toEqual(ids('m', 100));
  });

  it('takes no more than so much text, and lets go of it in time', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const heap = () => {
      collect();
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    };
    const MB = 1024 * 1024;
    const { broker, becomes, telemetry } = await open({ publishTimeoutMs: 500, maxWaitingBytes: 40 * MB });
    proxy.cut();
    await becomes('degraded');
    const before = heap();
    const outcomes = Promise.allSettled(
      ids('m', 60).map((id) => broker.publish('room', message(id, { data: `"${id}${Buffer.alloc(MB, 'x').toString('latin1')}"` }))),
    );
    expect(telemetry.waiting).toBe(39);
    expect(heap() - before).toBeGreaterThan(35 * MB);
    const reasons = (await outcomes).map((outcome) => (outcome.status === 'rejected' ? (outcome.reason as Error).message : 'stored'));
    expect(reasons.filter((text) => /no more are taken/.test(text))).toHaveLength(21);
    expect(reasons.filter((text) => /is not connected|connection was closed/.test(text))).toHaveLength(39);
    expect(telemetry.waiting).toBe(0);
    await expect.poll(() => heap() - before, { timeout: LATE_MS }).toBeLessThan(5 * MB);
    await proxy.heal();
    await becomes('ok');
    expect((await broker.publish('room', message('after'))).position.offset).toBe(1);
  });

  it('is not sent ephemeral events later', async () => {
    const { broker, becomes } = await open();
    const listener = new RecordingListener();
    await broker.subscribe('room', listener);
    proxy.cut();
    await becomes('degraded');
    broker.sendEvent('room', { member: 'ann', name: 'typing' });
    await proxy.heal();
    await becomes('ok');
    broker.sendEvent('room', { member: 'ann', name: 'again' });
    await listener.until(({ events }) => events.length > 0);
    expect(listener.events.map(({ name }) => name)).toEqual(['again']);
  });

  it.each(OUTAGES)('$name does not hold up a close', async ({ leave }) => {
    const { broker } = await open();
    const listener = new RecordingListener();
    await broker.subscribe('room', listener);
    leave();
    const pending = [broker.publish('room', message('m1')), ...CALLS.map((call) => call(broker))];
    await new Promise((resolve) => setImmediate(resolve));
    const before = performance.now();
    await broker.close();
    const outcomes = await Promise.allSettled(pending);
    expect(performance.now() - before).toBeLessThan(LATE_MS);
    // The second subscribe of a channel that is live needs only its head.
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: new BrokerUnavailable('The broker is closed.') });
  });
});

describe('a slow way to Redis', () => {
  it('is seen in how late live delivery is', async () => {
    const { broker, telemetry } = await open();
    await broker.subscribe('room', new RecordingListener());
    proxy.delay(60);
    await expect.poll(() => telemetry.liveLagMs, { timeout: 5_000 }).toBeGreaterThan(100);
  });
});
