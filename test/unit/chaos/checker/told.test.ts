import { describe, expect, it } from 'vitest';
import { ack, chain, gap, gets, got, holds, judge, leave, on, pub, stop, stores, sub, tests } from './story.ts';

/** b and c were acknowledged and lost; x and y took their place. */
const A = chain('e1', 'a b c');
const B = chain('e1', 'a x y');
const AZ = chain('e1', 'a b z');
const SHORT = chain('e1', 'a');
const N = chain('e2', 'n');
const lossy = { lossAllowed: true } as const;
const witnesses = { lossAllowed: true, lossToldTo: 'witnesses' } as const;

describe('a lost message is told to all who should have got it', () => {
  tests([
    [
      'by a gap from before it',
      [sub('c', on(A, 0)), stores('p', A), got('c', A, 1), gap('c', on(A, 1), on(A, 1)), stores('p', B, 2), gets('c', B, 2, 3), holds(B)],
      {},
      lossy,
    ],
    [
      'by a gap from among the lost ones',
      [
        sub('c', on(A, 0)),
        stores('p', A),
        gets('c', A, 1, 2),
        gap('c', on(A, 2), on(A, 1)),
        stores('p', B, 2),
        gets('c', B, 2, 3),
        holds(B),
      ],
      {},
      lossy,
    ],
    [
      'but not if it had got them, which needs a gap all the same',
      [sub('c', on(A, 0)), stores('p', A), gets('c', A, 1, 3), stores('p', B, 2), gap('c', on(A, 3), on(B, 3)), holds(B)],
      {},
      lossy,
    ],
    // The client never saw the lost line: to it, all it was given follows. Only who knows of the loss could tell it.
    [
      'also to one that stood before the fork and went on without a sign',
      [sub('c', on(A, 0)), stores('p', A), got('c', A, 1), stores('p', B, 2), gets('c', B, 2, 3), holds(B)],
      { 'loss-untold': 2 },
      lossy,
    ],
    [
      'unless only witnesses count',
      [sub('c', on(A, 0)), stores('p', A), got('c', A, 1), stores('p', B, 2), gets('c', B, 2, 3), holds(B)],
      {},
      witnesses,
    ],
    [
      'a witness must be told in any case',
      [sub('c', on(A, 0)), stores('p', A), gets('c', A, 1, 2), stores('p', B, 2), got('c', B, 3), holds(B)],
      { 'fork-skipped': 1 },
      witnesses,
    ],
    [
      'also to one that still waits before it',
      [sub('c', on(A, 0)), stores('p', A), got('c', A, 1), holds(SHORT)],
      { 'loss-untold': 2 },
      lossy,
    ],
    [
      'a gap of earlier times does not cover it',
      [sub('c', on(A, 0)), stores('p', A), gap('c', on(A, 0), on(A, 1)), stores('p', B, 2), gets('c', B, 2, 3), holds(B, 2)],
      { 'loss-untold': 2 },
      lossy,
    ],
    [
      'a gap that leads right over it does',
      [
        sub('c', on(A, 0)),
        stores('p', A),
        got('c', A, 1),
        gap('c', on(A, 1), on(A, 3)),
        gap('c', on(A, 3), on(B, 3)),
        stores('p', B, 2),
        holds(B),
      ],
      {},
      lossy,
    ],
    [
      'not to one that subscribed only afterwards',
      [stores('p', A), sub('c', on(A, 1)), stores('p', B, 2), gets('c', B, 2, 3), holds(B)],
      {},
      lossy,
    ],
    [
      'not to one that left in time',
      [sub('c', on(A, 0)), stores('p', A), got('c', A, 1), leave('c'), stores('p', B, 2), holds(B)],
      {},
      lossy,
    ],
    [
      'not to one that stopped in time',
      [sub('c', on(A, 0)), stores('p', A), got('c', A, 1), stop('c'), stores('p', B, 2), holds(B)],
      {},
      lossy,
    ],
    [
      'not of one that was never acknowledged',
      [sub('c', on(A, 0)), stores('p', A, 1, 1), pub('p', 'b'), got('c', A, 1), stores('p', B, 2), gets('c', B, 2, 3), holds(B)],
      {},
      lossy,
    ],
    // The first place of b was lost, but a late copy was stored anew.
    [
      'not of one that survived elsewhere',
      [
        sub('c', on(A, 0)),
        stores('p', A, 1, 2),
        got('c', A, 1),
        stores('p', B, 2, 2),
        gets('c', chain('e1', 'a x b'), 2, 3),
        holds(chain('e1', 'a x b')),
      ],
      {},
      lossy,
    ],
    [
      'by the gap to a new epoch',
      [sub('c', on(A, 0)), stores('p', A), got('c', A, 1), gap('c', on(A, 1), on(N, 0)), stores('p', N), got('c', N, 1), holds(N)],
      {},
      lossy,
    ],
    // Two forks, one after the other: by the first the client's own line was lost, by the second b, of a line that it never was on.
    [
      'not to one that was brought there by a gap when it was lost already',
      [
        sub('c', on(N, 0)),
        stores('p', N),
        got('c', N, 1),
        stores('p', A, 1, 2),
        gap('c', on(N, 1), on(A, 1)),
        stores('p', B, 2),
        gets('c', B, 2, 3),
        holds(B),
      ],
      {},
      lossy,
    ],
    [
      'but to one that was brought there by a gap before it was published',
      [
        sub('c', on(N, 0)),
        stores('p', N),
        got('c', N, 1),
        stores('p', A, 1, 1),
        gap('c', on(N, 1), on(A, 1)),
        stores('p', A, 2, 2),
        stores('p', B, 2),
        gets('c', B, 2, 3),
        holds(B),
      ],
      { 'loss-untold': 1 },
      lossy,
    ],
    [
      'not again to one that leapt, which is reported by itself',
      [sub('c', on(A, 0)), stores('p', A, 1, 2), got('c', A, 1), stores('p', B, 2), got('c', B, 3), holds(B)],
      { skipped: 1 },
      lossy,
    ],
    [
      'though it leapt before',
      [sub('c', on(A, 0)), stores('p', A, 1, 3), got('c', A, 2), stores('p', AZ, 3), got('c', AZ, 3), holds(AZ)],
      { skipped: 1, 'loss-untold': 1 },
      lossy,
    ],
    // It never was on the line of x and y; the gap that takes b back tells of all that came after a.
    [
      'not to one that went another way, which was lost in its turn',
      [
        sub('c', on(A, 0)),
        stores('p', A, 1, 2),
        gets('c', A, 1, 2),
        stores('p', B, 2),
        gap('c', on(A, 2), on(N, 0)),
        stores('p', N),
        got('c', N, 1),
        holds(N),
      ],
      {},
      lossy,
    ],
    // b, which stood between, nobody saw: the client may have been on another line.
    [
      'not where nobody knows which line the client was on',
      [
        sub('c', on(A, 0)),
        stores('p', B, 1, 1),
        got('c', B, 1),
        pub('p', 'b'),
        pub('p', 'c'),
        ack('p', 'c', on(A, 3)),
        gap('c', on(B, 1), on(B, 1)),
        stores('p', B, 2),
        gets('c', B, 2, 3),
        holds(B),
      ],
      {},
      lossy,
    ],
    [
      'also when nobody knows what it followed, and the client waits still',
      [sub('c', on(A, 0)), stores('p', A, 1, 1), got('c', A, 1), pub('p', 'b'), pub('p', 'c'), ack('p', 'c', on(A, 3)), holds(SHORT)],
      { 'loss-untold': 1 },
      lossy,
    ],
    // Nobody saw where c stood, only that it stood after the beginning.
    [
      'also when nobody knows what it followed',
      [
        sub('c', on(A, 0)),
        pub('p', 'a'),
        pub('p', 'c'),
        ack('p', 'c', on(A, 3)),
        stores('p', chain('e1', 'w x y z')),
        gets('c', chain('e1', 'w x y z'), 1, 4),
        holds(chain('e1', 'w x y z')),
      ],
      { 'loss-untold': 1 },
      lossy,
    ],
  ]);

  it('shows the step by which the client left the line, and counts the loss as untold', () => {
    const story = [sub('c', on(A, 0)), stores('p', A, 1, 2), got('c', A, 1), stores('p', B, 2), gets('c', B, 2, 3), holds(B)];
    const { violations, counts } = judge(story, lossy);
    expect(violations[0]).toMatchObject({ promise: 'D2', kind: 'loss-untold', client: 'c' });
    expect(violations[0]?.events.map((event) => `${event.kind} ${'id' in event ? event.id : ''}`)).toEqual([
      'subscribed ',
      'publish b',
      'acknowledged b',
      'delivered x',
      'head ',
    ]);
    expect(counts).toMatchObject({ lostAndTold: 0, lostAndUntold: 1 });
    expect(judge(story, witnesses).counts).toMatchObject({ lostAndTold: 0, lostAndUntold: 1 });
  });
});
