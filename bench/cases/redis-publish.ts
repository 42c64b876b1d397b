import { openBroker } from '../../gateway/broker/open.ts';
import { GATEWAY_DEFAULTS } from '../../gateway/settings.ts';
import { type Benchmark, median, type Subject } from '../benchmark.ts';
import type { Delivered, Traffic } from '../client/load.ts';
import { BenchProcess } from '../processes.ts';
import { type RunningRedis, startRedis } from '../redis.ts';
import { append, rawClient, storedRest } from '../servers/append.ts';
import { REDIS_SERVERS, type RunningServer, startAtRedis } from '../servers/servers.ts';

type Name = keyof typeof REDIS_SERVERS;

const CHANNELS = 100;
const CROWD = { subscribers: 0, channels: CHANNELS, publishers: 20 } as const;
const RATE = 5_000;
const BYTES = 128;
const LIMIT = 2;
/** Servers run for days: what the compiler still has to learn about them is not counted. */
const WARM_UP_MS = 8_000;

/** A server at a Redis of its own. */
interface Compared {
  readonly name: Name;
  readonly redis: RunningRedis;
  readonly server: RunningServer;
}

/** CPU seconds of the server and of Redis, a million publishes. */
async function cpuPerMillion({ name, redis, server }: Compared, client: BenchProcess, durationMs: number) {
  const before = { server: await server.process.ask<number>('cpu'), redis: await redis.cpu() };
  const sent = await publish(name, server, client, durationMs);
  const used = { server: (await server.process.ask<number>('cpu')) - before.server, redis: (await redis.cpu()) - before.redis };
  return { server: (used.server / sent) * 1e6, redis: (used.redis / sent) * 1e6 };
}

/** Fills the channels up to what a history keeps: from then on each new message of a gateway's lets an old one go, as in any busy channel. */
async function fill(name: Name, { server }: RunningRedis): Promise<void> {
  const redis = name === 'gateway' ? null : rawClient(server.port);
  const broker = redis === null ? await openBroker(server.url) : null;
  const rest = { member: 'abcdefgh', data: JSON.stringify('x'.repeat(BYTES)) };
  for (let n = 0; n < GATEWAY_DEFAULTS.historyMessages; n++) {
    await Promise.all(
      Array.from({ length: CHANNELS }, (_, i) => {
        const [channel, id] = [`channel-${i}`, `fill-${n}`];
        return broker?.publish(channel, { id, ...rest }) ?? (redis && append(redis, { channel, id, rest: storedRest(rest.data) }));
      }),
    );
  }
  await broker?.close();
  redis?.disconnect();
}

async function publish(name: Name, { process }: RunningServer, client: BenchProcess, durationMs: number): Promise<number> {
  if (name === 'raw') return process.ask('publish', { rate: RATE, durationMs, even: true, bytes: BYTES, channels: CHANNELS });
  const traffic: Traffic = { rate: RATE, durationMs, even: true, bytes: BYTES, giveUpMs: 20_000, acknowledged: true };
  const { sent, acknowledged } = await client.ask<Delivered>('run', { name, traffic });
  if (acknowledged < sent) throw new Error(`Of ${sent} publishes only ${acknowledged} were acknowledged.`);
  return sent;
}

export const redisPublish: Benchmark = {
  name: 'redis-publish',
  title: `publishing to Redis: ${RATE.toLocaleString('en-US')} messages/s of ${BYTES} bytes to ${CHANNELS} channels, CPU of the server and of Redis`,
  run: async ({ quick, progress }) => {
    await using stack = new AsyncDisposableStack();
    const client = stack.use(BenchProcess.start('./client/main.ts'));
    const compared: Compared[] = [];
    for (const name of Object.keys(REDIS_SERVERS) as Name[]) {
      progress(`${name} starts`);
      const redis = stack.use(await startRedis());
      const server = stack.use(await startAtRedis(name, redis.server.port));
      if (name !== 'raw') await client.ask('open', { name, crowd: { ...CROWD, ports: [server.port] } });
      progress(`${name}: the channels are filled`);
      await fill(name, redis);
      await publish(name, server, client, quick ? 500 : WARM_UP_MS);
      compared.push({ name, redis, server });
    }
    const parts = new Map(compared.map(({ name }) => [name, { server: [] as number[], redis: [] as number[] }]));
    for (let round = 1; round <= (quick ? 1 : 15); round++) {
      for (const one of compared) {
        progress(`${one.name}, run ${round}`);
        const { server, redis } = await cpuPerMillion(one, client, quick ? 1_000 : 1_500);
        parts.get(one.name)?.server.push(server);
        parts.get(one.name)?.redis.push(redis);
      }
    }
    const subjects: Subject[] = [];
    const shares: string[] = [];
    for (const [name, { server, redis }] of parts) {
      subjects.push({ name, runs: server.map((value, i) => value + (redis[i] ?? Number.NaN)) });
      shares.push(`${name} ${median(server).toFixed(1)} and ${median(redis).toFixed(1)}`);
    }
    return {
      unit: 'CPU s per million publishes',
      subjects,
      bounds: [{ subject: 'gateway', kind: 'at most', value: LIMIT, times: 'raw' }],
      notes: [
        'raw: a process that only appends (XADD) and tells (PUBLISH) the same bytes, pipelined. floor: the same behind WebSockets, acknowledged.',
        `The server and Redis: ${shares.join('; ')}.`,
      ],
    };
  },
};
