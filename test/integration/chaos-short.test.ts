import { afterEach, expect, test } from 'vitest';
import { CHAOS_DEFAULTS, chaosOptions } from '../chaos/options.ts';
import { resultText } from '../chaos/report.ts';
import { isWhole, type RunResult, runChaos } from '../chaos/run.ts';

/** Beside what a run itself lasts: servers, gateways and clients come and go, everything heals and is read, on a machine that is busy. */
const AROUND_MS = 150_000;

let stopping = new AbortController();
let running: Promise<unknown> = Promise.resolve();

// A run that takes too long is stopped, and all that it started.
afterEach(async () => {
  stopping.abort();
  await running.catch(() => {});
}, 60_000);

function run(words: Partial<typeof CHAOS_DEFAULTS>): Promise<RunResult> {
  stopping = new AbortController();
  const options = chaosOptions({ ...CHAOS_DEFAULTS, clients: '30', rate: '100', settle: '60s', ...words });
  const listener = { phase: () => {}, fault: () => {} };
  const result = runChaos(options, listener, stopping.signal);
  running = result;
  return result;
}

/** How often faults with these words in their names happened. */
function happened({ faults }: RunResult, words: RegExp): number {
  return [...faults].filter(([name]) => words.test(name)).reduce((sum, [, count]) => sum + count, 0);
}

test('D1–D4 hold on a Redis that loses its tail now and then, while gateways come and go', {
  timeout: 25_000 + AROUND_MS,
}, async () => {
  const result = await run({ redis: 'server', seed: '2', duration: '25s' });
  expect(isWhole(result), resultText(result)).toBe(true);
  const { counts } = result.verdict;
  expect(counts.acknowledged).toBeGreaterThan(500);
  expect(counts.delivered).toBeGreaterThan(3_000);
  expect(counts.forks + counts.epochs - counts.channels).toBeGreaterThan(0);
  expect(counts.gapsTold).toBeGreaterThan(0);
  expect(happened(result, /gateway/)).toBeGreaterThan(2);
  expect(happened(result, /redis|snapshot/)).toBeGreaterThan(2);
});

test(
  'D1–D4 hold behind Sentinels, and nothing acknowledged is lost that a replica has confirmed',
  async () => {
    const result = await run({ redis: 'sentinel', durability: 'replicated', seed: '3', duration: '15s' });
    expect(isWhole(result), resultText(result)).toBe(true);
    expect(result.verdict.counts.acknowledged).toBeGreaterThan(200);
    expect(happened(result, /primary|failover/)).toBeGreaterThan(0);
  },
  15_000 + AROUND_MS,
);
