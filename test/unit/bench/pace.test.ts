import { describe, expect, it } from 'vitest';
import { due, type Pace } from '../../../bench/pace.ts';

describe('due', () => {
  const cases: { name: string; pace: Omit<Pace, 'durationMs'>; elapsedMs: number; emitted: number; want: number }[] = [
    { name: 'one at the beginning', pace: { rate: 5_000 }, elapsedMs: 0, emitted: 0, want: 1 },
    { name: 'those of the time since the last tick', pace: { rate: 5_000 }, elapsedMs: 10, emitted: 1, want: 50 },
    { name: 'also those that late ticks missed', pace: { rate: 5_000 }, elapsedMs: 40, emitted: 1, want: 200 },
    { name: 'none yet at a low rate', pace: { rate: 10 }, elapsedMs: 20, emitted: 1, want: 0 },
    { name: "no more than a tick's when even", pace: { rate: 5_000, even: true }, elapsedMs: 40, emitted: 1, want: 50 },
    { name: 'at least one a tick when even', pace: { rate: 10, even: true }, elapsedMs: 500, emitted: 1, want: 1 },
  ];
  it.each(cases)('is $name', ({ pace, elapsedMs, emitted, want }) => {
    expect(due({ ...pace, durationMs: 1_000 }, elapsedMs, emitted)).toBe(want);
  });
});
