import { openBroker } from '../../gateway/broker/open.ts';
import type { Position } from '../../protocol/position.ts';
import type { Benchmark } from '../benchmark.ts';
import type { Returned, Returning } from '../client/returning.ts';
import { BenchProcess } from '../processes.ts';
import { type RunningRedis, startRedis } from '../redis.ts';
import { startAtRedis } from '../servers/servers.ts';

const CHANNELS = 50;
const MISSED = 20;
const SEEN = 20;
const BYTES = 128;
/** Reads a channel: one is enough when all that come have the same position; it may have to be repeated. */
const READS = 2;

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

export const redisResume: Benchmark = {
  name: 'redis-resume',
  title: `clients of ${CHANNELS} channels come back at once to a new gateway, ${MISSED} missed messages each: what is read`,
  run: async ({ quick, progress }) => {
    const clients = quick ? 1_000 : 5_000;
    await using redis = await startRedis();
    const channels = await fill(redis.server.url);
    const runs: Awaited<ReturnType<typeof resume>>[] = [];
    for (let run = 1; run <= (quick ? 1 : 3); run++) {
      progress(`run ${run}`);
      runs.push(await resume(redis, { clients, channels, missed: MISSED, giveUpMs: 60_000 }));
    }
    const of = (name: keyof (typeof runs)[number]) => runs.map((run) => run[name]);
    return {
      unit: 'in all',
      subjects: [
        { name: 'history reads', runs: of('reads') },
        { name: 'scripts, heads and reads', runs: of('scripts') },
        { name: 'clients without all', runs: of('incomplete') },
        { name: 'ms until all had all', runs: of('elapsedMs') },
        { name: 'CPU ms of Redis', runs: of('redisCpu').map((s) => s * 1_000) },
        { name: 'CPU ms of the gateway', runs: of('gatewayCpu').map((s) => s * 1_000) },
      ],
      bounds: [
        { subject: 'history reads', kind: 'at most', value: READS * CHANNELS },
        { subject: 'scripts, heads and reads', kind: 'at most', value: (READS + 1) * CHANNELS },
        { subject: 'clients without all', kind: 'at most', value: 0 },
      ],
      notes: [`${clients.toLocaleString('en-US')} clients; their connecting is in the CPU time, not in the ms.`],
      incomparable: true,
    };
  },
};
