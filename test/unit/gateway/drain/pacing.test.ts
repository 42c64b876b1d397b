import { describe, expect, it } from 'vitest';
import { portion } from '../../../../gateway/drain/pacing.ts';

describe('a portion', () => {
  const cases = [
    { name: 'is a slot of a little less than the rate', input: [0, 1010, 50], want: { count: 45, credit: 0.45, spreadMs: 50 } },
    { name: 'carries the fraction on', input: [0.6, 1010, 50], want: { count: 46, credit: 0.05, spreadMs: 50 } },
    { name: 'of a slow rate is mostly nobody', input: [0, 2, 50], want: { count: 0, credit: 0.09, spreadMs: 50 } },
    { name: 'of the rate 0 is nobody, and keeps the fraction', input: [0.7, 0, 50], want: { count: 0, credit: 0.7, spreadMs: 50 } },
    { name: 'counts what a timer is late by', input: [0, 1000, 60], want: { count: 54, credit: 0, spreadMs: 60 } },
    { name: 'does not catch up after a standstill', input: [0, 1000, 60_000], want: { count: 67, credit: 0.5, spreadMs: 75 } },
    { name: 'is nobody when no time has passed', input: [0.2, 1000, 0], want: { count: 0, credit: 0.2, spreadMs: 0 } },
  ] as const;
  it.each(cases)('$name', ({ input: [credit, rate, elapsed], want }) => {
    const got = portion(credit, rate, elapsed);
    expect(got).toEqual({ ...want, credit: expect.closeTo(want.credit, 6) });
  });
});
