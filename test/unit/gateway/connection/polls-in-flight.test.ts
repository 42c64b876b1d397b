import { describe, expect, it } from 'vitest';
import { PollsInFlight } from '../../../../gateway/connection/polls-in-flight.ts';
import fc from '../../../setup/random-cases.ts';

/** Polls that are held from one time to another, ms. */
type Held = readonly (readonly [from: number, to: number])[];

function countedIn(polls: Held, now: number): PollsInFlight {
  const counted = new PollsInFlight();
  const changes = polls.flatMap(([from, to]) => [
    { at: from, change: 'begun' as const },
    { at: to, change: 'ended' as const },
  ]);
  for (const { at, change } of changes.sort((a, b) => a.at - b.at)) if (at <= now) counted[change](at);
  return counted;
}

/** Each 100 ms of every 250 ms. */
const hopping = Array.from({ length: 80 }, (_, i) => [i * 250, i * 250 + 100] as const);

describe('polls in flight', () => {
  it.each<[string, Held, number, { held: number; average: number }]>([
    ['nobody polls', [], 5_000, { held: 0, average: 0 }],
    [
      'two are held for long',
      [
        [0, 90_000],
        [0, 90_000],
      ],
      60_000,
      { held: 2, average: 2 },
    ],
    ['one came half a second ago', [[59_500, 90_000]], 60_000, { held: 1, average: 0.5 }],
    ['one was answered half a second ago', [[0, 59_500]], 60_000, { held: 0, average: 0.5 }],
    ['one was answered long ago', [[0, 59_500]], 600_000, { held: 0, average: 0 }],
    [
      'one was short, after a long silence',
      [
        [0, 10],
        [600_000, 600_050],
      ],
      600_050,
      { held: 0, average: 0.05 },
    ],
    ['a client is here for two fifths of the time', hopping, 19_999, { held: 0, average: 0.4 }],
  ])('%s', (_name, polls, now, { held, average }) => {
    const counted = countedIn(polls, now);
    expect(counted.held).toBe(held);
    expect(counted.average(now)).toBeCloseTo(average, 6);
  });

  it('are on average as many as there are seconds held within the last second, but for those that begin or end when it began', () => {
    const poll = fc.tuple(fc.nat({ max: 5_000 }), fc.integer({ min: 1, max: 2_000 })).map(([from, ms]) => [from, from + ms] as const);
    fc.assert(
      fc.property(fc.array(poll, { maxLength: 30 }), fc.integer({ min: 1_000, max: 8_000 }), (polls, now) => {
        const from = now - 1_000;
        const seconds = polls.map(([begun, ended]) => Math.max(0, Math.min(ended, now) - Math.max(begun, from)) / 1_000);
        const unsure = polls.flat().filter((at) => Math.abs(at - from) < 200).length;
        const difference = countedIn(polls, now).average(now) - seconds.reduce((sum, one) => sum + one, 0);
        expect(Math.abs(difference)).toBeLessThanOrEqual(unsure * 0.1 + 1e-9);
      }),
    );
  });
});
