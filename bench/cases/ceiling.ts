import type { Benchmark } from '../benchmark.ts';
import { type Connected, compare } from './compare.ts';

const SUBSCRIBERS = 1_000;
const MAX_P99_MS = 250;

/** Where the search begins, messages a second: below what each can on most machines. */
const BEGIN = { plain: 40, floor: 300, gateway: 300 } as const;

/** Whether all of `rate` messages a second reach all subscribers with p99 in bounds. */
async function holds({ run }: Connected, rate: number, durationMs: number): Promise<boolean> {
  const { delivered, expected, p99Ms } = await run({ rate, durationMs, bytes: 128, giveUpMs: 3_000 });
  return delivered >= expected * 0.999 && p99Ms < MAX_P99_MS;
}

/** The highest rate that holds, found by big steps and then by small ones from the last that held. Deliveries a second. */
async function search(connected: Connected, durationMs: number): Promise<number> {
  let best = BEGIN[connected.name];
  while (!(await holds(connected, best, durationMs))) {
    best /= 1.5;
    if (best < 1) throw new Error(`${connected.name} does not hold one message a second.`);
  }
  for (const step of [1.5, 1.1]) {
    while (await holds(connected, best * step, durationMs)) best *= step;
  }
  return best * SUBSCRIBERS;
}

export const ceiling: Benchmark = {
  name: 'ceiling',
  title: `most deliveries/s with p99 < ${MAX_P99_MS} ms, ${SUBSCRIBERS} subscribers of one channel, 128 bytes`,
  run: async (options) => ({
    unit: 'deliveries/s',
    subjects: await compare(options, { subscribers: SUBSCRIBERS, channels: 1, publishers: 10 }, (connected) =>
      search(connected, options.quick ? 300 : 700),
    ),
    bounds: [{ subject: 'gateway', kind: 'at least', value: 0.8, times: 'floor' }],
    notes: [],
  }),
};
