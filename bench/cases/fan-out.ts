import type { Benchmark } from '../benchmark.ts';
import type { Crowd, Traffic } from '../client/load.ts';
import { type Connected, compare } from './compare.ts';

/** CPU seconds of the server a million deliveries, the publishing included. */
async function cpuPerMillion({ server, run }: Connected, traffic: Traffic): Promise<number> {
  const before = await server.process.ask<number>('cpu');
  const { delivered, expected } = await run(traffic);
  const used = (await server.process.ask<number>('cpu')) - before;
  if (delivered < expected * 0.999) throw new Error(`Of ${expected} deliveries only ${delivered} came.`);
  return (used / delivered) * 1e6;
}

function cpuBenchmark(name: string, title: string, crowd: Omit<Crowd, 'ports'>, rate: number, timesFloor: number): Benchmark {
  return {
    name,
    title,
    run: async (options) => {
      const warm = new Set<string>();
      const traffic = { rate, durationMs: options.quick ? 1_000 : 4_000, bytes: 128, giveUpMs: 20_000 };
      const subjects = await compare(options, crowd, async (connected) => {
        if (!warm.has(connected.name)) await connected.run({ ...traffic, durationMs: options.quick ? 500 : 2_000 });
        warm.add(connected.name);
        return cpuPerMillion(connected, traffic);
      });
      return {
        unit: 'CPU s per million deliveries',
        subjects,
        bounds: [{ subject: 'gateway', kind: 'at most', value: timesFloor, times: 'floor' }],
        notes: [],
      };
    },
  };
}

export const oneChannel = cpuBenchmark(
  'one-channel',
  '1,000 subscribers of one channel, 50 messages/s of 128 bytes',
  { subscribers: 1_000, channels: 1, publishers: 10 },
  50,
  1.15,
);

export const manyChannels = cpuBenchmark(
  'many-channels',
  '200 channels of 10 subscribers, 2,000 messages/s of 128 bytes in all',
  { subscribers: 2_000, channels: 200, publishers: 10 },
  2_000,
  1.3,
);
