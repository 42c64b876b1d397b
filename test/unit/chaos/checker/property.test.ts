import { describe, expect, it } from 'vitest';
import { check } from '../../../chaos/checker/check.ts';
import type { Kind } from '../../../chaos/checker/verdict.ts';
import fc, { runs } from '../../../setup/random-cases.ts';
import { CALM_STEPS, Model, STEPS, type Step } from './model.ts';
import { LOSSES, MUTATIONS, type Mutation } from './mutations.ts';

const strict = { lossAllowed: false };
const lossy = { lossAllowed: true };

const stepsOf = (whats: readonly Step['what'][]): fc.Arbitrary<Step[]> =>
  fc.array(fc.record({ what: fc.constantFrom(...whats), who: fc.nat(99), much: fc.nat(99) }), { minLength: 20, maxLength: 120 });
const calm = stepsOf(CALM_STEPS);
const stormy = stepsOf(STEPS);

/** Spoils random logs and sees each found out; of a log where there is no place for the mutation there is nothing to see. */
function expectFound({ apply, shows }: Mutation, histories: fc.Arbitrary<Step[]>, options: { readonly lossAllowed: boolean }): void {
  let applied = 0;
  fc.assert(
    fc.property(histories, fc.nat(9999), (steps, pick) => {
      const spoilt = apply(Model.run(steps), pick);
      if (spoilt === null) return;
      applied++;
      const found = Object.keys(check(spoilt, options).found) as Kind[];
      expect(
        found.some((kind) => shows.includes(kind)),
        `found ${found}`,
      ).toBe(true);
    }),
    { numRuns: runs(200) },
  );
  expect(applied).toBeGreaterThan(20);
}

describe('random histories that keep the promises', () => {
  it.each([
    ['without any loss', calm, strict],
    ['with forks and new epochs, each told', stormy, lossy],
  ] as const)('are accepted %s', (_name, histories, options) => {
    fc.assert(
      fc.property(histories, (steps) => {
        const { violations } = check(Model.run(steps), options);
        expect(violations).toEqual([]);
      }),
      { numRuns: runs(1_000) },
    );
  });

  it('do have forks, new epochs, gaps and losses among them', () => {
    const [log] = fc.sample(
      fc.array(stormy, { minLength: 20, maxLength: 20 }).map((all) => all.map((steps) => check(Model.run(steps), lossy).counts)),
      { numRuns: 1, seed: 1 },
    );
    const sum = (name: 'forks' | 'epochs' | 'gapsTold' | 'lostAndTold') => (log ?? []).reduce((total, counts) => total + counts[name], 0);
    expect(sum('forks')).toBeGreaterThan(10);
    expect(sum('epochs')).toBeGreaterThan(30);
    expect(sum('gapsTold')).toBeGreaterThan(20);
    expect(sum('lostAndTold')).toBeGreaterThan(20);
  });
});

describe('a random fault is found', () => {
  it.each(MUTATIONS.map((mutation) => [mutation.name, mutation] as const))('in a calm history: %s', (_name, mutation) => {
    expectFound(mutation, calm, strict);
  });
  it.each(MUTATIONS.map((mutation) => [mutation.name, mutation] as const))('among forks and new epochs: %s', (_name, mutation) => {
    expectFound(mutation, stormy, lossy);
  });
  it.each(LOSSES.map((mutation) => [mutation.name, mutation] as const))('where nothing may be lost: %s', (_name, mutation) => {
    expectFound(mutation, calm, strict);
  });
});
