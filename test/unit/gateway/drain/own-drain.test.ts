import { describe, expect, it } from 'vitest';
import { rateToEmpty } from '../../../../gateway/drain/own-drain.ts';

describe('the rate of a gateway that drains itself', () => {
  const cases = [
    { name: 'leaves the last ones ten seconds to go', connections: 5_000, timeoutMs: 60_000, want: 5_000 / 0.9 / 50 },
    { name: 'of a short time leaves a quarter', connections: 5_000, timeoutMs: 8_000, want: 5_000 / 0.9 / 6 },
    { name: 'of few connections does not dawdle', connections: 3, timeoutMs: 300_000, want: 10 },
    { name: 'of no time is finite', connections: 10, timeoutMs: 0, want: 10 / 0.9 / 0.001 },
  ];
  it.each(cases)('$name', ({ connections, timeoutMs, want }) => {
    expect(rateToEmpty(connections, timeoutMs)).toBeCloseTo(want, 6);
  });
});
