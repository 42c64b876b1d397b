import { describe, expect, it } from 'vitest';
import { chain, gap, gets, holds, judge, leave, on, pub, stop, stores, sub, tests } from './story.ts';

const A = chain('e1', 'a b c d');
const B = chain('e1', 'a b x y');
const C = chain('e1', 'a b x c');
const N = chain('e2', '');
const lossy = { lossAllowed: true, lossToldTo: 'witnesses' } as const;

describe('who is still subscribed at the end', () => {
  tests([
    ['has reached the head', [sub('c', on(A, 0)), stores('p', A), gets('c', A, 1, 4), holds(A)], {}],
    ['has got nothing', [sub('c', on(A, 0)), stores('p', A), holds(A)], { behind: 1 }],
    ['lacks the last message', [sub('c', on(A, 0)), stores('p', A), gets('c', A, 1, 3), holds(A)], { behind: 1 }],
    ['lacks what was trimmed as well', [sub('c', on(A, 0)), stores('p', A), gets('c', A, 1, 1), holds(A, 5)], { behind: 1 }],
    ['lacks what was trimmed unseen', [sub('c', on(A, 1)), A.ids.map((id) => pub('p', id)), holds(A, 4)], { behind: 1 }],
    ['was moved to the head by a gap', [sub('c', on(A, 0)), stores('p', A), gap('c', on(A, 0), on(A, 4)), holds(A, 5)], {}],
    ['or has left', [sub('c', on(A, 0)), stores('p', A), gets('c', A, 1, 3), leave('c'), holds(A)], {}],
    ['or has stopped', [sub('c', on(A, 0)), stores('p', A), gets('c', A, 1, 3), stop('c'), holds(A)], {}],
    [
      'left, came back and lacks the last message',
      [sub('c', on(A, 0)), leave('c'), stores('p', A), sub('c', on(A, 3)), holds(A)],
      { behind: 1 },
    ],
    // At the head by its offset alone; what it saw there was lost.
    [
      'stands on a fork that was lost',
      [sub('c', on(A, 0)), stores('p', A), stores('p', B, 3), gets('c', A, 1, 4), holds(B)],
      { 'left-on-lost-line': 1 },
      lossy,
    ],
    // Its last message was stored anew behind the fork; the SDK passed over it.
    [
      'has had the last message before the fork',
      [sub('c', on(A, 0)), stores('p', A, 1, 3), gets('c', A, 1, 3), gap('c', on(A, 3), on(C, 3)), stores('p', C, 3), holds(C)],
      {},
      lossy,
    ],
    ['stands before the fork', [sub('c', on(A, 0)), stores('p', A), stores('p', B, 3), gets('c', A, 1, 2), holds(B)], { behind: 1 }, lossy],
    [
      'stands behind a head that lost its tail',
      [sub('c', on(A, 0)), stores('p', A), gets('c', A, 1, 4), holds(chain('e1', 'a b'))],
      { 'left-on-lost-line': 1 },
      lossy,
    ],
    [
      'stands in an epoch that ended',
      [sub('c', on(A, 0)), stores('p', A), gets('c', A, 1, 4), holds(N)],
      { 'left-on-lost-line': 1 },
      lossy,
    ],
    [
      'was told that the epoch ended',
      [sub('c', on(A, 0)), stores('p', A), gets('c', A, 1, 4), gap('c', on(A, 4), on(N, 0)), holds(N)],
      {},
      lossy,
    ],
  ]);

  it('shows where it stands and what it lacks', () => {
    const [violation] = judge([sub('c', on(A, 0)), stores('p', A), gets('c', A, 1, 3), holds(A)]).violations;
    expect(violation?.text).toBe('It stands at e1/3, the head is e1/4: d never came.');
    expect(violation?.events.map((event) => `${event.kind} ${'id' in event ? event.id : ''}`)).toEqual([
      'publish d',
      'acknowledged d',
      'delivered c',
      'stored d',
      'head ',
    ]);
  });
});
