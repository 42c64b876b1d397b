import { describe, expect, it } from 'vitest';
import { type Bound, keeps, median, type Result } from '../../../bench/benchmark.ts';
import { percentile, stampedData, stampOf } from '../../../bench/client/latencies.ts';

describe('median', () => {
  it.each([
    { runs: [3, 1, 2], want: 2 },
    { runs: [4, 1, 2, 3], want: 2.5 },
    { runs: [7], want: 7 },
  ])('of $runs is $want', ({ runs, want }) => {
    expect(median(runs)).toBe(want);
  });
});

describe('a bound', () => {
  const result: Result = {
    unit: 's',
    subjects: [
      { name: 'floor', runs: [9, 10, 100] },
      { name: 'gateway', runs: [11, 12, 13] },
    ],
    bounds: [],
    notes: [],
  };
  const cases: { name: string; bound: Bound; want: boolean }[] = [
    {
      name: 'at most 1.2 times the floor, exactly so',
      bound: { subject: 'gateway', kind: 'at most', value: 1.2, times: 'floor' },
      want: true,
    },
    { name: 'at most 1.1 times the floor', bound: { subject: 'gateway', kind: 'at most', value: 1.1, times: 'floor' }, want: false },
    { name: 'at least the floor', bound: { subject: 'gateway', kind: 'at least', value: 1, times: 'floor' }, want: true },
    { name: 'at least 13', bound: { subject: 'gateway', kind: 'at least', value: 13 }, want: false },
    { name: 'of a subject that was not measured is missed', bound: { subject: 'other', kind: 'at most', value: 99 }, want: false },
  ];
  it.each(cases)('$name', ({ bound, want }) => {
    expect(keeps(result, bound)).toBe(want);
  });
});

describe('a stamp', () => {
  it('is found again in the message that carries it', () => {
    const data = stampedData(12_345.678, 128);
    expect(data).toHaveLength(128);
    expect(stampOf(Buffer.from(JSON.stringify({ type: 'message', channel: 'T1', data })))).toBe(12_345.678);
  });
});

describe('percentile', () => {
  it.each([
    { share: 0.5, want: 51 },
    { share: 0.99, want: 100 },
    { share: 1, want: 100 },
  ])('$share of 1 to 100 is $want', ({ share, want }) => {
    expect(
      percentile(
        Array.from({ length: 100 }, (_, i) => 100 - i),
        share,
      ),
    ).toBe(want);
  });
});
