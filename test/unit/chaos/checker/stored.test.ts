import { describe, expect, it } from 'vitest';
import { ack, again, chain, fail, gap, gets, holds, judge, leave, on, position, pub, stores, sub, tests } from './story.ts';

const A = chain('e1', 'a b c');
const TWICE = chain('e1', 'a b a');
const B = chain('e1', 'a x y');
const N = chain('e2', 'n');
const lossy = { lossAllowed: true } as const;

describe('a message is stored once', () => {
  tests([
    ['though it was tried again', [pub('p', 'a'), pub('p', 'a'), again('p', 'a', on(A, 1)), stores('p', A, 2), holds(A)], {}],
    ['given up, it may be stored', [pub('p', 'a'), fail('p', 'a'), stores('p', A, 2), holds(A)], {}],
    ['given up, it may be stored nowhere', [pub('p', 'z'), fail('p', 'z'), stores('p', A), holds(A)], {}],
    ['twice on one line', [stores('p', A, 1, 2), holds(TWICE)], { 'stored-twice': 1 }],
    [
      'twice on one line, the first time trimmed since',
      [sub('c', on(A, 0)), stores('p', A, 1, 2), gets('c', A, 1, 2), leave('c'), holds(TWICE, 3)],
      { 'stored-twice': 1 },
    ],
    [
      'acknowledged at both places',
      [stores('p', A, 1, 2), pub('p', 'a'), ack('p', 'a', on(TWICE, 3)), holds(TWICE)],
      { 'stored-twice': 1 },
    ],
    [
      'once on each of two forks',
      [
        stores('p', A, 1, 1),
        pub('p', 'b'),
        stores('q', chain('e1', 'a x b'), 2, 2),
        ack('p', 'b', on(chain('e1', 'a x b'), 3)),
        holds(chain('e1', 'a x b')),
      ],
      {},
    ],
    [
      'once in each of two epochs',
      [pub('p', 'n'), ack('p', 'n', on(chain('e1', 'n'), 1)), pub('p', 'n'), ack('p', 'n', on(N, 1)), holds(N)],
      {},
      lossy,
    ],
  ]);
});

describe('an acknowledgement names the place where the message stands', () => {
  tests([
    [
      'also when it had been stored already',
      [pub('p', 'a'), fail('p', 'a'), pub('p', 'a'), again('p', 'a', on(A, 1)), stores('p', A, 2), holds(A)],
      {},
    ],
    ['not a later one', [pub('p', 'a'), again('p', 'a', on(A, 2)), stores('p', A, 2), holds(A)], { 'acknowledged-elsewhere': 1 }],
    [
      'not that of another message, though loss is allowed',
      [pub('p', 'z'), ack('p', 'z', on(A, 2)), stores('p', A), holds(A)],
      { 'acknowledged-elsewhere': 1 },
      lossy,
    ],
    [
      'not one on a line that never was',
      [pub('p', 'a'), ack('p', 'a', position('e1', 1, 'beef')), stores('p', A, 2), holds(A)],
      { 'acknowledged-elsewhere': 1 },
    ],
    [
      'not of a message that was never published',
      [stores('p', A, 1, 2), ack('p', 'c', on(A, 3)), holds(A)],
      { 'acknowledged-unpublished': 1, unpublished: 1 },
    ],
    ['not to a client that never published it', [stores('p', A), ack('q', 'c', on(A, 3)), holds(A)], { 'acknowledged-unpublished': 1 }],
    [
      'not of what nobody published and nobody stored',
      [stores('p', A), ack('p', 'z', position('e1', 4, 'beef')), holds(A)],
      { 'acknowledged-unpublished': 1 },
    ],
  ]);
});

describe('an acknowledged message is stored', () => {
  tests([
    ['or trimmed', [stores('p', A), holds(A, 4)], {}],
    ['not lost from the tail', [stores('p', A), holds(chain('e1', 'a b'))], { 'acknowledged-lost': 1 }],
    ['not replaced by others', [stores('p', A), stores('p', B, 2), holds(B)], { 'acknowledged-lost': 2 }],
    ['not lost with its epoch', [stores('p', A), stores('p', N), holds(N)], { 'acknowledged-lost': 3 }],
    ['not forged', [stores('p', A), pub('p', 'z'), ack('p', 'z', position('e1', 4, 'beef')), holds(A)], { 'acknowledged-lost': 1 }],
    [
      'unless loss is allowed, and told',
      [sub('c', on(A, 0)), stores('p', A), gets('c', A, 1, 2), gap('c', on(A, 2), on(B, 3)), stores('p', B, 2), holds(B)],
      {},
      lossy,
    ],
    // The rows of one story: c is acknowledged at 50 ms, b at 30 ms.
    [
      'unless it was acknowledged before the last fault that loses',
      [stores('p', A), holds(chain('e1', 'a'))],
      {},
      { lossAllowed: { until: 50 } },
    ],
    [
      'and not lost when it was acknowledged after that fault',
      [stores('p', A), holds(chain('e1', 'a'))],
      { 'acknowledged-lost': 1 },
      { lossAllowed: { until: 49 } },
    ],
  ]);

  it('counts what was lost and told', () => {
    const story = [
      sub('c', on(A, 0)),
      stores('p', A),
      gets('c', A, 1, 3),
      gap('c', on(A, 3), on(B, 1)),
      stores('p', B, 2),
      gets('c', B, 2, 3),
      holds(B),
    ];
    expect(judge(story, lossy)).toMatchObject({
      found: {},
      counts: { acknowledged: 5, lostAndTold: 2, lostAndUntold: 0, gapsTold: 1, forks: 1 },
    });
  });

  it('leaves undecided what was trimmed together with all that would show its line', () => {
    const story = [stores('p', A, 1, 1), pub('p', 'b'), pub('p', 'c'), holds(A, 3)];
    expect(judge(story)).toMatchObject({ found: {}, counts: { undecided: 1 } });
  });

  it('shows what stands in its place', () => {
    const [violation] = judge([stores('p', A, 1, 2), stores('q', chain('e1', 'a x'), 2), holds(chain('e1', 'a x'))]).violations;
    expect(violation).toMatchObject({ promise: 'D4', kind: 'acknowledged-lost', client: 'p' });
    expect(violation?.events.map((event) => `${event.kind} ${'id' in event ? event.id : ''}`)).toEqual([
      'publish b',
      'acknowledged b',
      'stored x',
      'head ',
    ]);
  });
});
