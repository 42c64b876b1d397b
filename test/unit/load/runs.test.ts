import { describe, expect, it } from 'vitest';
import { Runs } from '../../../load/runs.ts';
import fc from '../../setup/random-cases.ts';

const runsOf = (...numbers: number[]) => {
  const runs = new Runs();
  for (const n of numbers) runs.add(n);
  return runs;
};

describe('Runs', () => {
  it.each([
    ['nothing was added', [], [[1, 9]]],
    ['all came in order', [1, 2, 3, 4, 5, 6, 7, 8, 9], []],
    ['the beginning is missing', [3, 4, 5, 6, 7, 8, 9], [[1, 2]]],
    ['the end is missing', [1, 2, 3], [[4, 9]]],
    [
      'two in the middle are missing',
      [1, 2, 4, 6, 7, 8, 9],
      [
        [3, 3],
        [5, 5],
      ],
    ],
    ['a hole was filled later', [1, 2, 4, 5, 3, 6, 7, 8, 9], []],
    ['numbers outside of what is asked for', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12], []],
  ])('shows the holes when %s', (_name, numbers, want) => {
    expect([...runsOf(...numbers).holes(1, 9)]).toEqual(want);
  });

  it('knows as much as a plain set, whatever the order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30 })), (numbers) => {
        const runs = new Runs();
        const set = new Set<number>();
        for (const n of numbers) {
          expect(runs.add(n)).toBe(!set.has(n));
          set.add(n);
        }
        const missing = [...runs.holes(1, 30)].flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i));
        const all = Array.from({ length: 30 }, (_, i) => i + 1);
        expect(missing).toEqual(all.filter((n) => !set.has(n)));
        expect(all.filter((n) => runs.has(n))).toEqual(all.filter((n) => set.has(n)));
        expect(runs.highest).toBe(set.size === 0 ? null : Math.max(...set));
      }),
    );
  });
});
