import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../../../operator/api/duration.ts';
import fc from '../../../setup/random-cases.ts';

describe('parseDuration', () => {
  it.each<[string, number | null]>([
    ['90s', 90_000],
    ['1m30s', 90_000],
    ['500ms', 500],
    ['1.5h', 5_400_000],
    ['1h2m3s4ms', 3_723_004],
    ['0s', 0],
    ['', null],
    ['90', null],
    ['s', null],
    ['-1s', null],
    ['1 s', null],
    ['1d', null],
    ['1s!', null],
    ['1.234h', 4_442_400],
    ['1.2345s', null],
    ['0.5ms', null], // Go would make 0 of it, and we 1
    ['123456789s', null],
    ['99999h'.repeat(5), 499_995 * 3_600_000],
    ['1s'.repeat(15), 15_000],
    ['1s'.repeat(16), null],
    ['.5s', null],
    ['1.s', null],
  ])('reads "%s" as %s', (text, want) => {
    expect(parseDuration(text)).toBe(want);
  });

  it('reads what formatDuration writes', () => {
    fc.assert(fc.property(fc.nat({ max: 1e10 }), (ms) => parseDuration(formatDuration(ms)) === ms));
  });
});
