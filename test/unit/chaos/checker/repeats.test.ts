import { describe, expect, it } from 'vitest';
import { ack, chain, gap, gets, got, holds, judge, leave, on, pub, stores, sub, tests } from './story.ts';

const A = chain('e1', 'a b c');
/** A lost its tail after a; then b was stored anew, at the same offset by chance, but behind x it is at another. */
const B = chain('e1', 'a x b');
const N = chain('e2', 'a b c');
const lossy = { lossAllowed: true, lossToldTo: 'witnesses' } as const;
const allowed = { ...lossy, repeatAfterLoss: true } as const;
/** b's first place was lost before it was acknowledged, so its publisher tried again. */
const storedAnew = [...stores('p', A, 1, 1), pub('p', 'b'), ...stores('q', B, 2, 2), ack('p', 'b', on(B, 3))];

describe('no message comes twice', () => {
  tests([
    ['not at once', [sub('c', on(A, 0)), stores('p', A), gets('c', A, 1, 2), got('c', A, 2), got('c', A, 3), holds(A)], { repeated: 1 }],
    ['not later', [sub('c', on(A, 0)), stores('p', A), gets('c', A, 1, 3), got('c', A, 1), holds(A)], { repeated: 1 }],
    // A gap back is told, and the line is the same: what lies between was not lost.
    [
      'not after a gap back on the same line',
      [sub('c', on(A, 0)), stores('p', A), gets('c', A, 1, 3), gap('c', on(A, 3), on(A, 1)), gets('c', A, 2, 3), holds(A)],
      { repeated: 2 },
    ],
    [
      'not after leaving and coming back',
      [sub('c', on(A, 0)), stores('p', A), gets('c', A, 1, 3), leave('c'), sub('c', on(A, 2)), got('c', A, 3), holds(A)],
      { repeated: 1 },
    ],
    [
      'not over a fork, though a gap was told',
      [sub('c', on(A, 0)), storedAnew, gets('c', A, 1, 2), gap('c', on(A, 2), on(A, 1)), gets('c', B, 2, 3), holds(B)],
      { repeated: 1 },
      lossy,
    ],
    [
      'unless the options allow it: a retry stored anew what was lost',
      [sub('c', on(A, 0)), storedAnew, gets('c', A, 1, 2), gap('c', on(A, 2), on(A, 1)), gets('c', B, 2, 3), holds(B)],
      {},
      allowed,
    ],
    [
      'not in a new epoch, though a gap was told',
      [sub('c', on(A, 0)), stores('p', A), stores('p', N), gets('c', A, 1, 3), gap('c', on(A, 3), on(N, 0)), gets('c', N, 1, 3), holds(N)],
      { repeated: 3 },
      lossy,
    ],
    [
      'not on the same line, whatever the options',
      [sub('c', on(A, 0)), stores('p', A), gets('c', A, 1, 3), gap('c', on(A, 3), on(A, 1)), gets('c', A, 2, 3), holds(A)],
      { repeated: 2 },
      allowed,
    ],
    [
      'not without a gap, whatever the options',
      [sub('c', on(A, 0)), storedAnew, gets('c', A, 1, 2), gets('c', B, 3, 3), holds(B)],
      { 'fork-skipped': 1, repeated: 1 },
      allowed,
    ],
    [
      'not with a gap of earlier times, whatever the options',
      [sub('c', on(A, 0)), gap('c', on(A, 0), on(A, 0)), storedAnew, gets('c', A, 1, 2), gets('c', B, 3, 3), holds(B)],
      { 'fork-skipped': 1, repeated: 1 },
      allowed,
    ],
    [
      'not on a line that was lost itself, whatever the options',
      [
        sub('c', on(A, 0)),
        storedAnew,
        gets('c', B, 1, 3),
        gap('c', on(B, 3), on(A, 1)),
        gets('c', A, 2, 2),
        gap('c', on(A, 2), on(B, 3)),
        holds(B),
      ],
      { repeated: 1 },
      allowed,
    ],
    [
      'not on the lost line where it came first, whatever the options',
      [
        sub('c', on(A, 0)),
        storedAnew,
        gets('c', A, 1, 2),
        gap('c', on(A, 2), on(A, 1)),
        gets('c', A, 2, 2),
        gap('c', on(A, 2), on(B, 3)),
        holds(B),
      ],
      { repeated: 1 },
      allowed,
    ],
    // The gap led behind it already: again it may come, but not backwards.
    [
      'not backwards, whatever the options',
      [sub('c', on(A, 0)), storedAnew, gets('c', A, 1, 2), gap('c', on(A, 2), on(B, 3)), gets('c', B, 3, 3), holds(B)],
      { backwards: 1 },
      allowed,
    ],
    ['but to two clients', [sub('c', on(A, 0)), sub('d', on(A, 0)), stores('p', A), gets('c', A, 1, 3), gets('d', A, 1, 3), holds(A)], {}],
  ]);

  it('shows both deliveries and the gap between', () => {
    const story = [sub('c', on(A, 0)), storedAnew, gets('c', A, 1, 2), gap('c', on(A, 2), on(A, 1)), gets('c', B, 2, 3), holds(B)];
    const [violation] = judge(story, lossy).violations;
    expect(violation?.events.map(({ kind }) => kind)).toEqual(['publish', 'delivered', 'gap', 'delivered']);
    expect(judge(story, allowed).counts.repeatedAfterLoss).toBe(1);
  });
});
