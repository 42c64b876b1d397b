import { openBroker } from '../../gateway/broker/open.ts';
import type { Position } from '../../protocol/position.ts';
import type { Benchmark, Bound, Subject } from '../benchmark.ts';
import type { Returned, Returning } from '../client/returning.ts';
import { BenchProcess } from '../processes.ts';
import { type RunningRedis, startRedis } from '../redis.ts';
import { startAtRedis } from '../servers/servers.ts';

const CHANNELS = 50;
const MISSED = 20;
const SEEN = 20;
const BYTES = 128;
/** Reads a channel: all that come have the same position. */
const READS = 1;

/** Publishes to the channels, and resolves to where the clients were before the last messages. */
async function fill(redisUrl: string): Promise<Returning['channels']> {
  const broker = await openBroker(redisUrl);
  try {
    const publish = async (channel: string, n: number): Promise<Position> => {
      const message = { id: `${n}`, member: 'abcdefgh', data: JSON.stringify('x'.repeat(BYTES)) };
      return (await broker.publish(channel, message)).position;
    };
    const one = async (channel: string) => {
      const positions = await Promise.all(Array.from({ length: SEEN + MISSED }, (_, n) => publish(channel, n)));
      return { channel, position: positions[SEEN - 1] as Position };
    };
    return await Promise.all(Array.from({ length: CHANNELS }, (_, i) => one(`channel-${i}`)));
  } finally {
    await broker.close();
  }
}

/** All come back to a gateway that has just started: it has no message of any channel in its own memory. */
async function resume(redis: RunningRedis, crowd: Omit<Returning, 'port'>) {
  await using gateway = await startAtRedis('gateway', redis.server.port);
  await using client = BenchProcess.start('./client/main.ts');
  const cpu = async () => ({ redis: await redis.cpu(), gateway: await gateway.process.ask<number>('cpu') });
  const before = { ...(await cpu()), scripts: (await redis.calls('evalsha')).calls };
  const { elapsedMs, incomplete } = await client.ask<Returned>('comeBack', { ...crowd, port: gateway.port });
  const after = await cpu();
  return {
    elapsedMs,
    incomplete,
    reads: await gateway.process.ask<number>('metric', 'history_reads_total'),
    scripts: (await redis.calls('evalsha')).calls - before.scripts,
    redisCpu: after.redis - before.redis,
    gatewayCpu: after.gateway - before.gateway,
  };
}

/** How the clients come back: all in one turn, or as reconnects do. */
const WAYS = { 'at once': 0, 'within 2 s': 2_000 } as const;

export const redisResume: Benchmark = {
  name: 'redis-resume',
  title: `clients of ${CHANNELS} channels come back to a new gateway, ${MISSED} missed messages each: what is read`,
  run: async ({ quick, progress }) => {
    const clients = quick ? 1_000 : 5_000;
    await using redis = await startRedis();
    const channels = await fill(redis.server.url);
    const subjects: Subject[] = [];
    const bounds: Bound[] = [];
    for (const [way, withinMs] of Object.entries(WAYS)) {
      const runs: Awaited<ReturnType<typeof resume>>[] = [];
      for (let run = 1; run <= (quick ? 1 : 3); run++) {
        progress(`${way}, run ${run}`);
        runs.push(await resume(redis, { clients, channels, missed: MISSED, withinMs, giveUpMs: 60_000 }));
      }
      const figure = (name: string, of: (run: (typeof runs)[number]) => number, limit?: number): void => {
        const subject = `${way}: ${name}`;
        subjects.push({ name: subject, runs: runs.map(of) });
        if (limit !== undefined) bounds.push({ subject, kind: 'at most', value: limit });
      };
      figure('history reads', ({ reads }) => reads, READS * CHANNELS);
      figure('scripts in Redis', ({ scripts }) => scripts, (READS + 2) * CHANNELS);
      figure('clients without all', ({ incomplete }) => incomplete, 0);
      figure('ms until all had all', ({ elapsedMs }) => elapsedMs);
      figure('CPU ms of Redis', ({ redisCpu }) => redisCpu * 1_000);
      figure('CPU ms of the gateway', ({ gatewayCpu }) => gatewayCpu * 1_000);
    }
    return {
      unit: 'in all',
      subjects,
      bounds,
      notes: [`${clients.toLocaleString('en-US')} clients. Their connecting is in the CPU time, not in the ms.`],
      incomparable: true,
    };
  },
};
