import { Redis } from 'ioredis';
import { SCRIPTS } from '../../gateway/broker/redis/scripts.ts';
import { WEBSOCKET_PATH } from '../../protocol/paths.ts';
import { PlainClient } from '../../test/fakes/plain-client.ts';
import type { Benchmark, Subject } from '../benchmark.ts';
import { type RunningRedis, startRedis } from '../redis.ts';
import { startAtRedis } from '../servers/servers.ts';

const CHANNELS = 10;
/** Sent by this process when the counting ends, so that it is seen behind all else. */
const END = 'the counting ends';

/** What a Redis was asked by its clients, by command; of a script, its name. What scripts call inside the server is left out. */
async function asked(redis: RunningRedis, action: () => Promise<void>): Promise<ReadonlyMap<string, number>> {
  const client = new Redis({ ...redis.server.connection });
  const monitor = await client.monitor();
  try {
    const counts = new Map<string, number>();
    const ended = new Promise<void>((resolve) => {
      monitor.on('monitor', (_time: string, [command = '', first = '']: string[], source: string) => {
        if (first === END) resolve();
        else if (source !== 'lua') {
          const name = nameOf(command.toLowerCase(), first);
          counts.set(name, (counts.get(name) ?? 0) + 1);
        }
      });
    });
    await action();
    await client.ping(END);
    await ended;
    return counts;
  } finally {
    monitor.disconnect();
    client.disconnect();
  }
}

function nameOf(command: string, sha: string): string {
  if (command !== 'evalsha') return command;
  const known = Object.entries(SCRIPTS).find(([, script]) => script.sha === sha);
  return `script ${known?.[0] ?? sha}`;
}

/** Each publish is sent when the one before is acknowledged. */
async function oneByOne(client: PlainClient, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    client.say({ type: 'publish', channel: 'channel-0', id: `one-${i}`, data: 'x'.repeat(128) });
    await client.next('published');
  }
}

/** All are sent without waiting, to several channels in turn. */
async function allAtOnce(client: PlainClient, count: number): Promise<void> {
  const before = client.all('published').length;
  for (let i = 0; i < count; i++)
    client.say({ type: 'publish', channel: `channel-${i % CHANNELS}`, id: `all-${i}`, data: 'x'.repeat(128) });
  await client.until(() => (client.all('published').length - before >= count ? true : undefined));
}

export const redisRoundTrips: Benchmark = {
  name: 'redis-round-trips',
  title: 'what a publish through a gateway asks of Redis, counted by MONITOR and by INFO commandstats',
  run: async ({ quick, progress }) => {
    const count = quick ? 200 : 1_000;
    await using redis = await startRedis();
    await using gateway = await startAtRedis('gateway', redis.server.port);
    const client = await PlainClient.connect(`ws://127.0.0.1:${gateway.port}${WEBSOCKET_PATH}`);
    const notes: string[] = [];
    const scripts: Subject[] = [];
    const others: number[] = [];
    for (const [name, publish] of [
      ['one by one', oneByOne],
      ['all at once', allAtOnce],
    ] as const) {
      progress(name);
      const before = await redis.calls('evalsha');
      const counts = await asked(redis, () => publish(client, count));
      const { calls } = await redis.calls('evalsha');
      const run = counts.get('script publish') ?? 0;
      if (calls - before.calls !== run) throw new Error(`MONITOR shows ${run} scripts, INFO commandstats ${calls - before.calls}.`);
      scripts.push({ name: `scripts, ${name}`, runs: [run / count] });
      others.push([...counts].filter(([name]) => name !== 'script publish' && name !== 'ping').reduce((sum, [, n]) => sum + n, 0) / count);
      const list = Array.from(counts, ([command, n]) => `${n} × ${command}`).join(', ');
      notes.push(`${count} publishes ${name}: ${list}.`);
    }
    await client.close();
    return {
      unit: 'commands a publish',
      subjects: [...scripts, { name: 'others, without pings', runs: others }],
      bounds: [
        { subject: 'scripts, one by one', kind: 'at most', value: 1 },
        { subject: 'scripts, one by one', kind: 'at least', value: 1 },
        { subject: 'scripts, all at once', kind: 'at most', value: 1 },
        { subject: 'others, without pings', kind: 'at most', value: 0 },
      ],
      notes,
      incomparable: true,
    };
  },
};
