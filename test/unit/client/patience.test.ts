import { expect, test } from 'vitest';
import { Patience } from '../../../client/patience.ts';

test.each([
  { name: 'before the first connection: as long as may be', tookMs: null, want: [10_000, 10_000, 10_000] },
  { name: 'after a quick one: a few seconds, more with each failure', tookMs: 20, want: [3_000, 6_000, 10_000] },
  { name: 'on a slow network: several times as long as usual', tookMs: 600, want: [4_800, 9_600, 10_000] },
  { name: 'on a very slow one: as long as may be', tookMs: 4_000, want: [10_000, 10_000, 10_000] },
])('$name', ({ tookMs, want }) => {
  const patience = new Patience(10_000);
  if (tookMs !== null) patience.answered(tookMs);
  expect([0, 1, 2].map((failures) => patience.limit(failures))).toEqual(want);
});

test('a limit below the least holds', () => {
  const patience = new Patience(500);
  patience.answered(10);
  expect(patience.limit(0)).toBe(500);
});
