import type { Benchmark } from '../benchmark.ts';
import type { Crowd, Delivered, Traffic } from '../client/load.ts';
import { BenchProcess } from '../processes.ts';
import { type RunningRedis, startRedis } from '../redis.ts';
import { type RunningServer, startAtRedis } from '../servers/servers.ts';

const CROWD = { subscribers: 3_200, channels: 8, publishers: 8 } as const;
const BYTES = 128;
/**
 * Messages/s. The bound holds where deliveries are most of the work. The calm runs show what a gateway costs that mostly waits: it is woken for each
 * message and looks at its clocks, and two are woken twice.
 */
const RATES = { busy: 80, calm: 20 } as const;
/** Messages/s before the runs: a gateway's code is compiled then, as that of one which runs for days is. Compiled late, a message costs twice as much. */
const WARM_UP_RATE = 100;
const LIMIT = 1.1;
const GATEWAYS = { 'one gateway': 1, 'two gateways': 2 } as const;

type Name = keyof typeof GATEWAYS;

/** Gateways at a Redis of their own. */
interface Compared {
  readonly name: Name;
  readonly redis: RunningRedis;
  readonly gateways: readonly RunningServer[];
}

/** CPU seconds that the gateways and Redis used so far. */
async function cpu({ redis, gateways }: Compared): Promise<number> {
  const used = await Promise.all([redis.cpu(), ...gateways.map(({ process }) => process.ask<number>('cpu'))]);
  return used.reduce((sum, seconds) => sum + seconds, 0);
}

/** CPU seconds of the gateways and of Redis, a million deliveries, the publishing included. */
async function cpuPerMillion(compared: Compared, client: BenchProcess, durationMs: number, rate: number): Promise<number> {
  const traffic: Traffic = { rate, durationMs, bytes: BYTES, giveUpMs: 20_000, acknowledged: true };
  const before = await cpu(compared);
  const { delivered, expected } = await client.ask<Delivered>('run', { name: compared.name, traffic });
  if (delivered < expected * 0.999) throw new Error(`Of ${expected} deliveries only ${delivered} came.`);
  return (((await cpu(compared)) - before) / delivered) * 1e6;
}

export const redisFanOut: Benchmark = {
  name: 'redis-fan-out',
  title: `${CROWD.channels} channels of ${CROWD.subscribers / CROWD.channels} subscribers, ${RATES.busy} messages/s of ${BYTES} bytes in all, or ${RATES.calm} (calm): subscribers and publishers on one gateway, or half of them on each of two`,
  run: async ({ quick, progress }) => {
    await using stack = new AsyncDisposableStack();
    const client = stack.use(BenchProcess.start('./client/main.ts'));
    const all: Compared[] = [];
    for (const [name, count] of Object.entries(GATEWAYS) as [Name, number][]) {
      progress(`${name}: ${CROWD.subscribers} subscribers connect`);
      const redis = stack.use(await startRedis());
      const gateways: RunningServer[] = [];
      for (let i = 0; i < count; i++) gateways.push(stack.use(await startAtRedis('gateway', redis.server.port)));
      const crowd: Crowd = { ...CROWD, ports: gateways.map(({ port }) => port) };
      await client.ask('open', { name, crowd });
      const compared = { name, redis, gateways };
      progress(`${name}: warms up`);
      await cpuPerMillion(compared, client, quick ? 500 : 15_000, WARM_UP_RATE);
      all.push(compared);
    }
    const runs = new Map<string, number[]>();
    for (const [load, rate] of Object.entries(RATES)) {
      for (let round = 1; round <= (quick ? 1 : 5); round++) {
        for (const compared of all) {
          const subject = subjectOf(compared.name, load);
          progress(`${subject}, run ${round}`);
          const values = runs.get(subject) ?? [];
          values.push(await cpuPerMillion(compared, client, quick ? 1_000 : 4_000, rate));
          runs.set(subject, values);
        }
      }
    }
    return {
      unit: 'CPU s per million deliveries',
      subjects: Array.from(runs, ([name, values]) => ({ name, runs: values })),
      bounds: [{ subject: 'two gateways', kind: 'at most', value: LIMIT, times: 'one gateway' }],
      notes: ['CPU of the gateways and of Redis, each with a Redis of its own.'],
    };
  },
};

const subjectOf = (name: Name, load: string): string => (load === 'calm' ? `${name}, calm` : name);
