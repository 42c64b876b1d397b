import { describe, expect, it } from 'vitest';
import { Pacer } from '../../../load/pacer.ts';

describe('Pacer', () => {
  it.each<[string, number, number[], number[]]>([
    ['a whole number per look', 100, [10, 20, 30], [1, 1, 1]],
    ['a fraction per look, kept until it is a whole one', 30, [10, 20, 30, 40, 50, 100], [0, 0, 0, 1, 0, 2]],
    ['as many after an uneven look', 1000, [1, 4, 104], [1, 3, 100]],
    ['no more than a second’s worth after a stall', 10, [60_000, 60_100], [10, 1]],
    ['nothing at rate 0', 0, [1000, 2000], [0, 0]],
  ])('gives %s', (_name, rate, times, want) => {
    const pacer = new Pacer(rate);
    expect(times.map((at) => pacer.due(at))).toEqual(want);
  });
});
