import type { Broker } from '../../gateway/broker/broker.ts';
import { openBroker } from '../../gateway/broker/open.ts';
import type { Benchmark, Subject } from '../benchmark.ts';
import { type RunningRedis, startRedis } from '../redis.ts';

const BYTES = 200;
const MESSAGES = 1_000;
/** As long as those that an SDK makes. */
const ID_LENGTH = 20;
const CHANNELS = 50;
/** Not more than channels: each publish is a script of its own. */
const TOGETHER = CHANNELS;
const HOUR_MS = 3_600_000;

const id = (n: number): string => `${n}`.padStart(ID_LENGTH, 'i');
const member = (n: number): string => `${n}`.padStart(8, 'm');
const message = (n: number) => ({ id: id(n), member: member(n % 100), data: JSON.stringify('x'.repeat(BYTES - 2)) });

/** A few at a time, as from a few clients: what is too old is let go of as fast as new ones come. */
async function each(count: number, action: (i: number) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < count; i += TOGETHER) {
    await Promise.all(Array.from({ length: Math.min(TOGETHER, count - i) }, (_, k) => action(i + k)));
  }
}

/** Fills channels with messages; resolves to how many they are. */
async function publish(broker: Broker): Promise<number> {
  await each(CHANNELS * MESSAGES, (i) => broker.publish(`channel-${i % CHANNELS}`, message(Math.floor(i / CHANNELS))));
  return CHANNELS * MESSAGES;
}

/** One thing that takes memory. */
interface Kind {
  readonly name: string;
  /** How many messages a channel keeps. */
  readonly maxMessages: number;
  /** Makes them; resolves to how many they are. */
  make(broker: Broker): Promise<number>;
  /** At most, bytes each. */
  readonly limit: number;
}

const KINDS: readonly Kind[] = [
  {
    name: `a message of ${BYTES} bytes`,
    maxMessages: MESSAGES,
    make: publish,
    limit: 3 * BYTES,
  },
  {
    name: 'the id of a message that is gone',
    maxMessages: 1,
    make: publish,
    limit: 2 * BYTES,
  },
  {
    name: 'a channel without messages',
    maxMessages: MESSAGES,
    async make(broker) {
      await each(CHANNELS * 100, (c) => broker.head(`channel-${c}`));
      return CHANNELS * 100;
    },
    limit: 1_024,
  },
  {
    name: 'somebody present in a channel',
    maxMessages: MESSAGES,
    async make(broker) {
      const entry = (n: number) => ({ member: member(n), name: 'Somebody', connection: `gateway-1.0123456789.${n}` });
      await each(CHANNELS * 100, (i) => broker.join(`channel-${i % CHANNELS}`, entry(i), HOUR_MS));
      return CHANNELS * 100;
    },
    limit: 1_024,
  },
];

/** Bytes each in a Redis that held nothing before. */
async function bytesEach({ maxMessages, make }: Kind): Promise<number> {
  await using redis = await startRedis();
  const broker = await openBroker(redis.server.url, { history: { maxMessages, maxAgeMs: HOUR_MS } });
  try {
    await broker.head('warm');
    const before = await redis.memory();
    const made = await make(broker);
    return ((await redis.memory()) - before) / made;
  } finally {
    await broker.close();
  }
}

/** What `count` publishes, one at a time, to channels that are full cost Redis. */
async function work(redis: RunningRedis, broker: Broker, count: number): Promise<string> {
  await publish(broker);
  await redis.server.command('CONFIG', 'RESETSTAT');
  await each(count, (n) => broker.publish(`channel-${n % CHANNELS}`, message(MESSAGES + n)));
  const { calls, us } = await redis.calls('evalsha');
  const inner = await Promise.all(
    ['hmget', 'hget', 'hset', 'hdel', 'spublish', 'pexpire', 'time'].map(async (name) => ({ name, ...(await redis.calls(name)) })),
  );
  const list = inner.filter(({ calls }) => calls > 0).map(({ name, calls }) => `${(calls / count).toFixed(2)} ${name}`);
  return `A publish to a channel that is full: ${(calls / count).toFixed(2)} scripts of ${(us / calls).toFixed(1)} µs, with ${list.join(', ')}.`;
}

export const redisMemory: Benchmark = {
  name: 'redis-memory',
  title: 'memory of Redis: used_memory with them less that without, shared evenly',
  run: async ({ quick, progress }) => {
    const subjects: Subject[] = [];
    for (const kind of KINDS) {
      progress(kind.name);
      subjects.push({ name: kind.name, runs: [await bytesEach(kind)] });
    }
    progress('publishes to full channels');
    await using redis = await startRedis();
    const broker = await openBroker(redis.server.url, { history: { maxMessages: MESSAGES, maxAgeMs: HOUR_MS } });
    try {
      const note = await work(redis, broker, quick ? 5_000 : 50_000);
      const bounds = KINDS.map(({ name, limit }) => ({ subject: name, kind: 'at most' as const, value: limit }));
      return { unit: 'bytes', subjects, bounds, notes: [note], incomparable: true };
    } finally {
      await broker.close();
    }
  },
};
