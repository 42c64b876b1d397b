import type { Benchmark } from '../benchmark.ts';
import { type Connected, compare } from './compare.ts';

const SUBSCRIBERS = 1_000;
const MAX_P99_MS = 250;

/** Where the search begins, messages a second: below what each can on most machines. */
const BEGIN = { plain: 40, floor: 300, gateway: 300 } as const;

/** A step of the first, rough search, and of the exact one: so long that a server that is overloaded by a seventh falls behind by MAX_P99_MS. */
const ROUGH_MS = 500;
const EXACT_MS = 2_000;

/** Whether the load client could send `rate` messages a second, and all of them reach all subscribers with p99 in bounds. */
async function holds({ run }: Connected, rate: number, durationMs: number): Promise<boolean> {
  const { sent, delivered, expected, p99Ms } = await run({ rate, durationMs, bytes: 128, giveUpMs: 3_000 });
  return sent >= (rate * durationMs * 0.97) / 1_000 && delivered >= expected * 0.999 && p99Ms < MAX_P99_MS;
}

/** The highest rate that holds, from one that may hold or not, by steps of this factor. */
async function climb(connected: Connected, from: number, factor: number, durationMs: number): Promise<number> {
  let rate = from;
  let held = await holds(connected, rate, durationMs);
  if (held) {
    while (await holds(connected, rate * factor, durationMs)) rate *= factor;
    return rate;
  }
  while (!held) {
    rate /= factor;
    if (rate < 1) throw new Error(`${connected.name} does not hold one message a second.`);
    held = await holds(connected, rate, durationMs);
  }
  return rate;
}

export const ceiling: Benchmark = {
  name: 'ceiling',
  title: `most deliveries/s with p99 < ${MAX_P99_MS} ms, 1,000 subscribers of one channel, 128 bytes`,
  run: async (options) => {
    const found = new Map<string, number>();
    const subjects = await compare(options, { subscribers: SUBSCRIBERS, channels: 1, publishers: 10 }, async (connected) => {
      const from = found.get(connected.name) ?? (await climb(connected, BEGIN[connected.name], 1.5, ROUGH_MS));
      const rate = await climb(connected, from, 1.1, options.quick ? ROUGH_MS : EXACT_MS);
      found.set(connected.name, rate);
      return rate * SUBSCRIBERS;
    });
    return { unit: 'deliveries/s', subjects, bounds: [{ subject: 'gateway', kind: 'at least', value: 0.8, times: 'floor' }], notes: [] };
  },
};
