import { describe, expect, it } from 'vitest';
import { chain, gap, gets, got, holds, judge, on, pub, stores, sub, tests } from './story.ts';

const A = chain('e1', 'a b c');
const B = chain('e1', 'a x y');
const lossy = { lossAllowed: true, lossToldTo: 'witnesses' } as const;
const forked = [...stores('p', A, 1, 2), ...stores('p', B, 2)];

describe('all who see a position see the same', () => {
  tests([
    ['message', [sub('c', on(A, 0)), sub('d', on(A, 0)), stores('p', A), gets('c', A, 1, 3), gets('d', A, 1, 3), holds(A)], {}],
    [
      'position, but another message',
      [
        sub('c', on(A, 0)),
        stores('p', A),
        pub('p', 'z'),
        got('c', A, 1),
        { ...got('c', A, 2), id: 'z' } as never,
        got('c', A, 3),
        holds(A),
      ],
      { disagreement: 1 },
    ],
    ['message that somebody published', [sub('c', on(A, 0)), stores('p', A, 1, 2), gets('c', A, 1, 3), holds(A)], { unpublished: 1 }],
    ['message that somebody published, though nobody was delivered it', [stores('p', A, 1, 2), holds(A)], { unpublished: 1 }],
    [
      'or a fork, of which each was told',
      [sub('c', on(A, 0)), sub('d', on(A, 0)), forked, gets('c', A, 1, 2), gap('c', on(A, 2), on(B, 3)), gets('d', B, 1, 3), holds(B)],
      {},
      lossy,
    ],
  ]);

  it.each([
    ['none', [stores('p', A), holds(A)], 0],
    ['a tail that was lost and replaced', [forked, holds(B)], 1],
    ['two lost tails', [forked, stores('p', chain('e1', 'a x w v'), 3), holds(B)], 2],
    ['a lost tail that nothing replaced', [stores('p', A), holds(chain('e1', 'a'))], 1],
    ['a fork of which nobody saw the common part', [stores('p', A).slice(4), stores('p', B).slice(4), holds(B, 3)], 1],
  ] as const)('counts forks: %s', (_name, story, forks) => {
    expect(judge([...story], lossy).counts.forks).toBe(forks);
  });

  it('counts the lives of the history', () => {
    expect(judge([stores('p', A), stores('p', chain('e2', 'n')), holds(chain('e2', 'n'))], lossy).counts.epochs).toBe(2);
  });
});

describe('the final history', () => {
  const broken = (ids: readonly string[], offsets: readonly number[], head = 3) => ({
    kind: 'history' as const,
    messages: ids.map((id, index) => ({ id, position: on(A, offsets[index] ?? 0) })),
    head: on(A, head),
  });
  const published = A.ids.map((id) => pub('p', id));
  tests([
    ['is one chain', [stores('p', A), holds(A)], {}],
    ['may be trimmed', [stores('p', A), holds(A, 3)], {}],
    ['may be trimmed to nothing', [stores('p', A), holds(A, 4)], {}],
    ['has no hole', [published, broken(['a', 'c'], [1, 3])], { 'history-broken': 1 }],
    ['is ascending', [published, broken(['a', 'c', 'b'], [1, 3, 2])], { 'history-broken': 3 }],
    ['begins with what its first digest says', [published, broken(['b'], [1], 1)], { 'history-broken': 1 }],
    ['ends at its head', [published, broken(['a', 'b'], [1, 2])], { 'history-broken': 1 }],
    ['holds at each position what its digest says', [published, broken(['a', 'c', 'b'], [1, 2, 3])], { 'history-broken': 2 }],
  ]);
});
