import { describe, expect, it } from 'vitest';
import { progressLine, verdictText } from '../../../load/report.ts';
import type { Progress } from '../../../load/run.ts';
import type { Verdict } from '../../../load/verdict.ts';

const verdict = (fields: Partial<Verdict> = {}): Verdict => ({
  sent: 1200,
  acknowledged: 1200,
  delivered: 12_000,
  lost: 0,
  outstanding: 0,
  duplicated: 0,
  reordered: 0,
  neverCameBack: 0,
  latencyMs: { p50: 1.5, p99: 12, max: 40 },
  longestSilenceMs: { p99: 10, max: 20 },
  reconnects: 3,
  migrations: 200,
  peakReconnectsPerSecond: 61,
  gaps: 0,
  failed: 0,
  clients: 100,
  neverCame: 0,
  durationMs: 60_000,
  ...fields,
});
const progress = (fields: Partial<Progress> = {}): Progress => ({
  phase: 'running',
  clients: 2000,
  connected: 1990,
  elapsedMs: 30_400,
  durationMs: 60_000,
  sent: 1200,
  acknowledged: 1199,
  delivered: 12_000,
  duplicated: 0,
  reordered: 0,
  gaps: 0,
  reconnects: 1,
  migrations: 2,
  ...fields,
});

describe('verdictText', () => {
  it.each<[string, Partial<Verdict>, RegExp]>([
    ['that all was kept', {}, /Nothing lost, duplicated or reordered; all came back\.\n$/],
    ['each figure', {}, /delivered +12,000\n[\s\S]*latency +p50 1\.5 ms, p99 12 ms, max 40 ms\n[\s\S]*migrations +200\n/],
    ['that something was not kept', { lost: 1 }, /must all be 0\.\n$/],
    ['the gaps beside the losses', { lost: 5, gaps: 2 }, /lost +5 \(2 gaps told\)/],
    ['which losses the end may have cut off', { lost: 5, outstanding: 3 }, /lost +5 \(3 might have come yet\)/],
    ['both', { lost: 5, gaps: 2, outstanding: 3 }, /lost +5 \(2 gaps told, 3 might have come yet\)/],
    ['who never came', { neverCameBack: 3, neverCame: 2 }, /never came back +3 \(2 never came\)/],
    ['publishes that were given up', { failed: 4 }, /acknowledged +1,200 \(4 given up\)/],
  ])('tells %s', (_name, fields, want) => {
    expect(verdictText(verdict(fields))).toMatch(want);
  });
});

describe('progressLine', () => {
  it.each<[string, Partial<Progress>, string]>([
    [
      'how it goes',
      {},
      '30s of 60s · 1,990/2,000 connected · sent 1,200, acknowledged 1,199, delivered 12,000 · 1 reconnects, 2 migrations',
    ],
    ['what it waits for', { phase: 'settling' }, 'waiting for the rest · 1,990/2,000 connected'],
    ['a fault at once', { duplicated: 1, gaps: 2 }, '1 duplicated, 0 reordered, 2 gaps'],
  ])('tells %s', (_name, fields, want) => {
    expect(progressLine(progress(fields))).toContain(want);
  });
});
