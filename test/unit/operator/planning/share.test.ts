import { describe, expect, it } from 'vitest';
import { type Mover, shareBudget } from '../../../../operator/planning/share.ts';
import fc from '../../../setup/random-cases.ts';

const mover = (changes: Partial<Mover> = {}): Mover => ({ present: 0, unasked: 100, least: 0, ...changes });

describe('sharing the budget', () => {
  const cases: readonly {
    readonly name: string;
    readonly movers: readonly Mover[];
    readonly budget: number;
    readonly want: readonly number[];
  }[] = [
    { name: 'one gets all', movers: [mover()], budget: 100, want: [100] },
    { name: 'three get a third each, down to a tenth', movers: [mover(), mover(), mover()], budget: 100, want: [33.3, 33.3, 33.3] },
    { name: 'who is in a hurry gets more', movers: [mover({ least: 60 }), mover(), mover()], budget: 100, want: [60, 20, 20] },
    {
      name: 'when all are in too much of a hurry, nobody gets more than there is',
      movers: [mover({ least: 90 }), mover({ least: 80 })],
      budget: 100,
      want: [90, 10],
    },
    { name: 'a rate that is nearly right stays', movers: [mover({ present: 95 })], budget: 100, want: [95] },
    { name: 'a rate that is too high does not', movers: [mover({ present: 101 })], budget: 100, want: [100] },
    {
      name: 'who has nothing left to ask leaves nearly all of it',
      movers: [mover({ present: 50, unasked: 0 }), mover({ present: 50 })],
      budget: 100,
      want: [1, 99],
    },
    { name: 'but keeps it while nobody else wants it', movers: [mover({ present: 80, unasked: 0 })], budget: 100, want: [80] },
    { name: 'no budget, no rate', movers: [mover({ present: 50 }), mover({ unasked: 0, present: 1 })], budget: 0, want: [0, 0] },
  ];
  it.each(cases)('$name', ({ movers, budget, want }) => {
    expect(shareBudget(movers, budget)).toEqual(want);
  });

  it('never gives more than there is, and at rest says nothing new', () => {
    const movers = fc.array(
      fc.record({ present: fc.double({ min: 0, max: 200, noNaN: true }), unasked: fc.nat({ max: 500 }), least: fc.nat({ max: 100 }) }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(movers, fc.double({ min: 0, max: 1_000, noNaN: true }), (some, budget) => {
        const rates = shareBudget(some, budget);
        expect(rates.reduce((sum, rate) => sum + rate, 0)).toBeLessThanOrEqual(budget + 1e-9);
        const again = some.map((one, i) => ({ ...one, present: rates[i] ?? 0 }));
        expect(shareBudget(again, budget)).toEqual(rates);
      }),
    );
  });
});
