import { describe, expect, it } from 'vitest';
import { ack, chain, gap, gets, got, holds, judge, leave, on, position, pub, stop, stores, sub, tests } from './story.ts';

const A = chain('e1', 'a b c d e');
/** Shares a and b with A, then went another way. */
const B = chain('e1', 'a b x y z');
const N = chain('e2', 'n o');
/** A told fork loses what was acknowledged; who is told of that is another table's matter. */
const lossy = { lossAllowed: true, lossToldTo: 'witnesses' } as const;
const told = stores('p', A);
const bothLines = [...stores('p', A, 1, 4), ...stores('p', B, 3)];
/** A lost its tail after b; then c was stored anew, behind x. */
const C = chain('e1', 'a b x c z');

const AB = chain('e1', 'a b');
/** Goes on behind c, and was trimmed up to w. */
const D = chain('e1', 'a b x c z w');
const E = chain('e1', 'a b x q r');
/** p's c was not acknowledged on A, and stored anew on the other line. */
const forkedAndStoredAnew = [sub('c', on(A, 0)), ...stores('p', A, 1, 3), ...gets('c', A, 1, 3), gap('c', on(A, 3), on(D, 3))];

const F = chain('e1', 'a b c d q');
/** c, d and q were stored anew, and nobody was delivered c and d there. */
const W = chain('e1', 'a b x c q d z');
const V = chain('e1', 'a b x r');
/** On F the client is given `last` behind c and d, then on W nothing but z; of what it passes over there somebody else sees q. */
const passedOver = (last: string) => {
  const before = chain('e1', `a b c d ${last}`);
  return [
    sub('c', on(F, 0)),
    ...stores('p', F, 1, 2),
    ...['c', 'd', 'q', 'z', ...(last === 'q' ? [] : [last])].map((id) => pub('p', id)),
    ...gets('c', before, 1, 5),
    gap('c', on(before, 5), on(W, 3)),
    ...stores('p', W, 3, 3),
    sub('s', on(W, 4)),
    got('s', W, 5),
    leave('s'),
    got('c', W, 7),
  ];
};

describe('order and contiguity', () => {
  tests([
    [
      'a gap may start behind what was had before the fork, and passed over since',
      [forkedAndStoredAnew, stores('p', D, 3, 5), gap('c', on(D, 4), on(D, 5)), stores('p', D, 6), got('c', D, 6), holds(D, 6)],
      {},
      lossy,
    ],
    // c stood behind x for a while, where all passed over it, and nobody was told of it there; then that line was lost too.
    [
      'what was had may be passed over where nobody saw it',
      [
        forkedAndStoredAnew,
        stores('p', D, 3, 3),
        pub('p', 'z'),
        got('c', D, 5),
        gap('c', on(D, 5), on(E, 3)),
        stores('p', E, 4),
        gets('c', E, 4, 5),
        holds(E),
      ],
      {},
      lossy,
    ],
    [
      'also before and behind a place that only others were delivered',
      [...passedOver('q'), gap('c', on(W, 7), on(V, 3)), stores('p', V, 4), gets('c', V, 4), holds(V)],
      {},
      lossy,
    ],
    [
      'but not where others were delivered what it never had',
      [...passedOver('n'), gap('c', on(W, 7), on(V, 3)), stores('p', V, 4), gets('c', V, 4), holds(V)],
      { 'skipped-unseen': 1 },
      lossy,
    ],
    [
      'a gap may start there, too',
      [...passedOver('q').slice(0, -1), gap('c', on(W, 6), on(V, 3)), stores('p', V, 4), gets('c', V, 4), holds(V)],
      {},
      lossy,
    ],
    [
      'but no gap where something stands that it never had',
      [...passedOver('n').slice(0, -1), gap('c', on(W, 6), on(V, 3)), stores('p', V, 4), gets('c', V, 4), holds(V)],
      { 'gap-from-elsewhere': 1 },
      lossy,
    ],
    [
      'but not behind what was never had',
      [forkedAndStoredAnew, stores('p', D, 3, 6), gap('c', on(D, 5), on(D, 6)), holds(D, 7)],
      { 'gap-from-elsewhere': 1 },
      lossy,
    ],
    [
      'nor behind what was had, when something before it was not',
      [
        sub('c', on(A, 0)),
        stores('p', A, 1, 3),
        gets('c', A, 1, 3),
        gap('c', on(A, 3), on(D, 2)),
        stores('p', D, 3, 5),
        gap('c', on(D, 4), on(D, 5)),
        stores('p', D, 6),
        got('c', D, 6),
        holds(D, 6),
      ],
      { 'gap-from-elsewhere': 1 },
      lossy,
    ],
    [
      'nor twice, though all that it took back was had',
      [sub('c', on(A, 0)), stores('p', A), gets('c', A, 1, 3), gap('c', on(A, 3), on(A, 2)), gap('c', on(A, 3), on(A, 2)), holds(AB)],
      { 'gap-from-elsewhere': 1 },
      lossy,
    ],
    ['all, in order, is right', [sub('c', on(A, 0)), told, gets('c', A, 1, 5), holds(A)], {}],
    [
      'a client that subscribes late starts at the head of its time',
      [stores('p', A, 1, 3), sub('c', on(A, 3)), stores('p', A, 4), gets('c', A, 4, 5), holds(A)],
      {},
    ],
    ['a client that goes on from a stored position gets what came since', [told, sub('c', on(A, 1)), gets('c', A, 2, 5), holds(A)], {}],
    [
      'a subscribed of a new connection moves nobody',
      [sub('c', on(A, 0)), told, gets('c', A, 1, 2), sub('c', on(A, 2)), gets('c', A, 3, 5), holds(A)],
      {},
    ],
    [
      'a subscribed of a new connection hides no hole',
      [sub('c', on(A, 0)), told, got('c', A, 1), sub('c', on(A, 3)), gets('c', A, 4, 5), holds(A)],
      { skipped: 1 },
    ],
    ['one delivery is missing', [sub('c', on(A, 0)), told, gets('c', A, 1, 2), gets('c', A, 4, 5), holds(A)], { skipped: 1 }],
    ['the first delivery is missing', [sub('c', on(A, 0)), told, gets('c', A, 2, 5), holds(A)], { skipped: 1 }],
    [
      'two deliveries are swapped',
      [sub('c', on(A, 0)), told, got('c', A, 1), got('c', A, 3), got('c', A, 2), gets('c', A, 4, 5), holds(A)],
      { backwards: 1 },
    ],
    // What was trimmed meanwhile and nobody else saw can't be named, but must be told.
    [
      'a hole that nobody can fill',
      [sub('c', on(A, 0)), ['a', 'b', 'c', 'd', 'e'].map((id) => pub('p', id)), got('c', A, 1), got('c', A, 5), holds(A, 5)],
      { 'skipped-unseen': 1 },
    ],
    [
      'trimmed messages with a gap are right',
      [sub('c', on(A, 0)), told, gap('c', on(A, 0), on(A, 3)), gets('c', A, 4, 5), holds(A, 4)],
      {},
    ],
    [
      'a gap over messages that are still held is needless',
      [sub('c', on(A, 0)), told, gap('c', on(A, 0), on(A, 3)), gets('c', A, 4, 5), holds(A)],
      { 'needless-gap': 1 },
    ],
    // Of the two messages one was trimmed later than the other: nobody can know whether the gap was needed.
    [
      'a gap over messages of which some are still held may have been needed',
      [sub('c', on(A, 0)), told, gap('c', on(A, 0), on(A, 3)), gets('c', A, 4, 5), holds(A, 2)],
      {},
    ],
    [
      'a gap that is told twice starts the second time where the client no longer is',
      [sub('c', on(A, 0)), told, gap('c', on(A, 0), on(A, 3)), gap('c', on(A, 0), on(A, 3)), gets('c', A, 4, 5), holds(A, 4)],
      { 'gap-from-elsewhere': 1 },
    ],
    [
      'a gap that starts before the client',
      [sub('c', on(A, 0)), told, gets('c', A, 1, 2), gap('c', on(A, 1), on(A, 3)), gets('c', A, 4, 5), holds(A, 4)],
      { 'gap-from-elsewhere': 1 },
    ],
    [
      'a gap that starts at the same offset of another fork',
      [sub('c', on(A, 0)), bothLines, gets('c', A, 1, 3), gap('c', on(B, 3), on(B, 5)), holds(B)],
      { 'gap-from-elsewhere': 1 },
      lossy,
    ],
    [
      'a start that did not recover goes on after its gap',
      [told, sub('c', on(A, 3), false), gap('c', on(A, 0), on(A, 3)), gets('c', A, 4, 5), holds(A, 4)],
      {},
    ],
    [
      'a start that did not recover, though the history holds its position',
      [told, sub('c', on(A, 3), false), gap('c', on(A, 1), on(A, 3)), gets('c', A, 4, 5), holds(A)],
      { 'needless-gap': 1 },
    ],
    ['a start that did not recover needs a gap', [told, sub('c', on(A, 3), false), gets('c', A, 4, 5), holds(A, 4)], { 'gap-missing': 1 }],
    ['a start that did not recover needs a gap even if nothing follows', [told, sub('c', on(A, 5), false), holds(A)], { 'gap-missing': 1 }],
    ['what comes before the client subscribed', [told, got('c', A, 1), sub('c', on(A, 5)), holds(A)], { 'not-subscribed': 1 }],
    [
      'what comes after the client left',
      [sub('c', on(A, 0)), stores('p', A, 1, 4), gets('c', A, 1, 4), leave('c'), stores('p', A, 5), got('c', A, 5), holds(A)],
      { 'not-subscribed': 1 },
    ],
    [
      'what comes after the client stopped',
      [sub('c', on(A, 0)), stop('c'), told, gap('c', on(A, 0), on(A, 5)), holds(A)],
      { 'not-subscribed': 1 },
    ],
    [
      'a client that left and came back is owed nothing of the time between',
      [
        sub('c', on(A, 0)),
        stores('p', A, 1, 3),
        gets('c', A, 1, 2),
        leave('c'),
        sub('c', on(A, 3)),
        stores('p', A, 4),
        gets('c', A, 4, 5),
        holds(A),
      ],
      {},
    ],
  ]);

  tests([
    [
      'a fork with a gap is right, back to the last common message',
      [sub('c', on(A, 0)), bothLines, gets('c', A, 1, 4), gap('c', on(A, 4), on(B, 2)), gets('c', B, 3, 5), holds(B)],
      {},
      lossy,
    ],
    [
      'a fork with a gap to the head is right: what was seen of the rest is unknown',
      [sub('c', on(A, 0)), bothLines, gets('c', A, 1, 4), gap('c', on(A, 4), on(B, 5)), holds(B)],
      {},
      lossy,
    ],
    // The offsets follow each other: only the digest shows that y comes after x, which this client never saw.
    [
      'a fork that is passed over though the offsets match',
      [sub('c', on(A, 0)), bothLines, gets('c', A, 1, 3), gets('c', B, 4, 5), holds(B)],
      { 'fork-skipped': 1 },
      lossy,
    ],
    [
      'a fork that is passed over with a leap',
      [sub('c', on(A, 0)), bothLines, gets('c', A, 1, 3), got('c', B, 5), holds(B)],
      { 'fork-skipped': 1 },
      lossy,
    ],
    [
      'a fork at the same offsets whose messages come without a gap',
      [sub('c', on(A, 0)), bothLines, gets('c', A, 1, 4), gets('c', B, 3, 5), holds(B)],
      { backwards: 1 },
      lossy,
    ],
    [
      'a digest that does not follow',
      [sub('c', on(A, 0)), told, { ...got('c', A, 1), position: position('e1', 1, 'beef') } as never, gets('c', A, 2, 5), holds(A)],
      { 'fork-skipped': 2 },
    ],
    [
      'a new epoch with a gap is right',
      [sub('c', on(A, 0)), told, stores('p', N), gets('c', A, 1, 5), gap('c', on(A, 5), on(N, 0)), gets('c', N, 1, 2), holds(N)],
      {},
      lossy,
    ],
    [
      'a new epoch without a gap, though its offset would follow',
      [sub('c', on(A, 0)), stores('p', A, 1, 1), stores('p', N), got('c', A, 1), got('c', N, 2), holds(N)],
      { 'epoch-skipped': 1 },
      lossy,
    ],
    // A message that stood on the lost line and was stored anew comes once: the client keeps what it has and passes over the copy.
    [
      'a message that the client has had may be passed over on the line where it was stored anew',
      [
        sub('c', on(A, 0)),
        stores('p', A, 1, 2),
        pub('p', 'c'),
        gets('c', A, 1, 3),
        gap('c', on(A, 3), on(A, 2)),
        stores('q', C, 3, 3),
        ack('p', 'c', on(C, 4)),
        stores('q', C, 5),
        got('c', C, 3),
        got('c', C, 5),
        holds(C),
      ],
      {},
    ],
  ]);

  it('shows the two deliveries around a hole, and the message that is missing', () => {
    const story = [sub('c', on(A, 0)), stores('p', A), gets('c', A, 1, 2), gets('c', A, 4, 5), holds(A)];
    const [violation] = judge(story).violations;
    expect(violation).toMatchObject({ promise: 'D1', kind: 'skipped', channel: 'general', client: 'c' });
    expect(violation?.events.map((event) => `${event.kind} ${'id' in event ? event.id : ''}`)).toEqual([
      'publish c',
      'acknowledged c',
      'delivered b',
      'delivered d',
      'stored c',
    ]);
  });

  it('names the oldest of several messages that are missing', () => {
    const story = [sub('c', on(A, 0)), stores('p', A), gets('c', A, 1, 1), gets('c', A, 5, 5), holds(A)];
    const [violation] = judge(story).violations;
    expect(violation?.text).toMatch(/^b at e1\/2 was never delivered/);
  });
});
