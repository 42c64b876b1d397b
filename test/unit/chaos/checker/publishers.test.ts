import { describe, expect, it } from 'vitest';
import { ack, again, chain, fail, holds, judge, on, pub, stores, tests } from './story.ts';

const A = chain('e1', 'a b c');
const SWAPPED = chain('e1', 'b a c');
const LATE = chain('e1', 'b c a');
const lossy = { lossAllowed: true, lossToldTo: 'witnesses' } as const;

describe("one publisher's messages stand in the order of its publishing", () => {
  tests([
    ['each waited for', [stores('p', A), holds(A)], {}],
    [
      'handed over at once, which the SDK sends one by one',
      [pub('p', 'a'), pub('p', 'b'), pub('p', 'c'), ack('p', 'a', on(A, 1)), ack('p', 'b', on(A, 2)), ack('p', 'c', on(A, 3)), holds(A)],
      {},
    ],
    [
      'acknowledged, but swapped',
      [pub('p', 'a'), pub('p', 'b'), ack('p', 'a', on(SWAPPED, 2)), ack('p', 'b', on(SWAPPED, 1)), stores('p', SWAPPED, 3), holds(SWAPPED)],
      { 'publisher-reordered': 1 },
    ],
    [
      'swapped in what was trimmed since',
      [
        pub('p', 'a'),
        pub('p', 'b'),
        ack('p', 'a', on(SWAPPED, 2)),
        ack('p', 'b', on(SWAPPED, 1)),
        stores('p', SWAPPED, 3),
        holds(SWAPPED, 4),
      ],
      { 'publisher-reordered': 1 },
    ],
    [
      'of two publishers any order will do',
      [pub('p', 'a'), stores('q', SWAPPED, 1, 1), ack('p', 'a', on(SWAPPED, 2)), stores('q', SWAPPED, 3), holds(SWAPPED)],
      {},
    ],
    // p2 is p's next life: it tries again what p had stored without knowing.
    [
      "an earlier life's message may stand before what its next life published first",
      [pub('p', 'a'), stores('p2', A, 2, 2), pub('p2', 'a'), again('p2', 'a', on(A, 1)), stores('p2', A, 3), holds(A)],
      {},
    ],
    [
      'a next life that tries again later changes nothing',
      [
        pub('p', 'a'),
        pub('p', 'b'),
        ack('p', 'a', on(SWAPPED, 2)),
        ack('p', 'b', on(SWAPPED, 1)),
        pub('p2', 'b'),
        again('p2', 'b', on(SWAPPED, 1)),
        stores('p', SWAPPED, 3),
        holds(SWAPPED),
      ],
      { 'publisher-reordered': 1 },
    ],
    // The SDK gave a up; a copy of it that a gateway held was stored after all that came later.
    ['a message that was given up may be stored later', [pub('p', 'a'), fail('p', 'a'), stores('p', LATE, 1, 2), holds(LATE)], {}],
    [
      'a message that was given up is not stored before what was acknowledged earlier',
      [
        pub('p', 'b'),
        ack('p', 'b', on(SWAPPED, 1)),
        pub('p', 'a'),
        fail('p', 'a'),
        pub('p', 'c'),
        ack('p', 'c', on(SWAPPED, 3)),
        holds(SWAPPED),
      ],
      {},
    ],
    [
      'though not before what was acknowledged when it was published',
      [pub('p', 'b'), ack('p', 'b', on(A, 2)), pub('p', 'a'), fail('p', 'a'), stores('p', A, 3), holds(A)],
      { 'publisher-reordered': 1 },
    ],
    // Tried again after c: it may stand at its first try or at its last.
    [
      'a retry by the application may come late',
      [pub('p', 'a'), fail('p', 'a'), stores('p', LATE, 1, 2), pub('p', 'a'), ack('p', 'a', on(LATE, 3)), holds(LATE)],
      {},
    ],
    [
      'a retry may find the message stored by its first try',
      [pub('p', 'a'), fail('p', 'a'), stores('p', A, 2), pub('p', 'a'), again('p', 'a', on(A, 1)), holds(A)],
      {},
    ],
    [
      'after the acknowledged retry the order holds again',
      [
        pub('p', 'a'),
        fail('p', 'a'),
        pub('p', 'a'),
        ack('p', 'a', on(SWAPPED, 2)),
        stores('p', SWAPPED, 1, 1),
        stores('p', SWAPPED, 3),
        holds(SWAPPED),
      ],
      { 'publisher-reordered': 1 },
    ],
    ['one that was published twice counts from its first time', [stores('p', A), pub('p', 'a'), again('p', 'a', on(A, 1)), holds(A)], {}],
    // x was lost, y took its offset, and x's late copy was stored behind: x was acknowledged on the lost line, which orders nothing here.
    [
      'a lost message may be stored anew behind later ones',
      [stores('p', chain('e1', 'x')), stores('p', chain('e1', 'y')), holds(chain('e1', 'y x'))],
      {},
      lossy,
    ],
  ]);

  it('shows both messages with their places', () => {
    const story = [
      pub('p', 'a'),
      pub('p', 'b'),
      ack('p', 'a', on(SWAPPED, 2)),
      ack('p', 'b', on(SWAPPED, 1)),
      stores('p', SWAPPED, 3),
      holds(SWAPPED),
    ];
    const [violation] = judge(story).violations;
    expect(violation?.text).toBe('a was published before b, but stands behind it: at e1/2 and e1/1.');
    expect(violation?.events.map((event) => `${event.kind} ${'id' in event ? event.id : ''}`)).toEqual([
      'publish a',
      'publish b',
      'acknowledged a',
      'stored a',
      'stored b',
    ]);
  });
});
