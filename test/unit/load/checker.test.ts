import { describe, expect, it } from 'vitest';
import { Checker } from '../../../load/checker.ts';
import { kept } from '../../../load/verdict.ts';

/**
 * Two clients (0 and 1) subscribe to channel 0 from its beginning; client 0 publishes. Each step is one observation:
 * message number, offset, and where they matter the line and the publisher.
 */
interface At {
  readonly line?: string;
  readonly publisher?: number;
}
type Step = (checker: Checker) => void;
const place = (checker: Checker, message: number, offset: number, { line = 'e1', publisher = 0 }: At) => ({
  message,
  publisher,
  line: checker.line(0, line),
  offset,
});
const ack =
  (message: number, offset: number, at: At = {}): Step =>
  (checker) => {
    checker.sent();
    checker.acknowledged(place(checker, message, offset, at), 100);
  };
const to =
  (client: number, message: number, offset: number, at: At = {}): Step =>
  (checker) =>
    checker.delivered(client, place(checker, message, offset, at), 110, 10);
const both = (message: number, offset: number, at: At = {}): Step[] => [to(0, message, offset, at), to(1, message, offset, at)];
const start =
  (client: number, offset: number, line = 'e1'): Step =>
  (checker) =>
    checker.subscribed(client, checker.line(0, line), offset);

function check(steps: readonly Step[], slow = false) {
  const checker = new Checker([
    { channel: 0, slow: false },
    { channel: 0, slow },
  ]);
  for (const client of [0, 1]) {
    checker.connections.began();
    checker.connections.up(client, 0);
  }
  for (const step of steps) step(checker);
  return checker.verdict(1000);
}

const joined = [start(0, 0), start(1, 0)];

describe('the checker finds no fault', () => {
  it.each<[string, Step[]]>([
    ['when all was delivered', [...joined, ack(0, 1), ...both(0, 1), ack(1, 2), ...both(1, 2)]],
    ['when deliveries are seen before the acknowledgement', [...joined, ...both(0, 1), ack(0, 1)]],
    ['in what came before a client subscribed', [start(0, 0), start(1, 2), ack(0, 1), ack(1, 2), to(0, 0, 1), to(0, 1, 2)]],
    ['in a message that was never acknowledged', [...joined, ack(0, 1), ...both(0, 1), to(0, 1, 2)]],
    ['in offsets that others used', [...joined, ack(0, 5), ...both(0, 5), ack(1, 9), ...both(1, 9)]],
    ['when the history began anew', [...joined, ack(0, 7), ...both(0, 7), ack(1, 1, { line: 'e2' }), ...both(1, 1, { line: 'e2' })]],
    ['in a life of the history before the first client', [ack(0, 1, { line: 'e0' }), start(0, 0), start(1, 0), ack(1, 1), ...both(1, 1)]],
  ])('%s', (_name, steps) => {
    const verdict = check(steps);
    expect(verdict).toMatchObject({ lost: 0, duplicated: 0, reordered: 0, neverCameBack: 0 });
    expect(kept(verdict)).toBe(true);
  });
});

describe('the checker finds', () => {
  it.each<[string, Step[], { lost?: number; duplicated?: number; reordered?: number }]>([
    ['a message lost in the middle', [...joined, ack(0, 1), ack(1, 2), ack(2, 3), ...both(0, 1), to(0, 1, 2), ...both(2, 3)], { lost: 1 }],
    ['a message lost at the end', [...joined, ack(0, 1), ack(1, 2), ...both(0, 1), to(0, 1, 2)], { lost: 1 }],
    ['all messages lost', [...joined, ack(0, 1), ack(1, 2)], { lost: 4 }],
    ['a stream that began after its own message', [start(0, 1), start(1, 1), ack(0, 1)], { lost: 1 }],
    ['what came to nobody when the history began anew', [...joined, ack(0, 1), ...both(0, 1), ack(1, 1, { line: 'e2' })], { lost: 2 }],
    ['a message twice at one offset', [...joined, ack(0, 1), ...both(0, 1), to(1, 0, 1)], { duplicated: 1 }],
    ['a message stored twice', [...joined, ack(0, 1), ...both(0, 1), ...both(0, 2)], { duplicated: 2 }],
    [
      'a message stored twice, the acknowledged one seen last',
      [...joined, to(0, 0, 1), ack(0, 2), to(0, 0, 2)],
      { duplicated: 1, reordered: 1, lost: 1 },
    ],
    ['an old one again after newer ones', [...joined, ack(0, 1), ack(1, 2), ...both(0, 1), ...both(1, 2), to(0, 0, 1)], { duplicated: 1 }],
    ['two that changed places', [...joined, ack(0, 1), ack(1, 2), ...both(0, 1).slice(1), ...both(1, 2), to(0, 0, 1)], { reordered: 1 }],
    ['another message at the acknowledged offset', [...joined, ack(0, 1), to(0, 0, 1), to(1, 1, 1)], { lost: 1, reordered: 1 }],
    ['another message at the offset, seen before the acknowledgement', [...joined, to(0, 1, 1), ack(0, 1)], { reordered: 1 }],
    ['a message at another offset than acknowledged', [...joined, ack(0, 1), to(0, 0, 1), to(1, 0, 2)], { reordered: 1 }],
    ['an old life of the history after a new one', [...joined, ...both(1, 1, { line: 'e2' }), to(0, 0, 1)], { reordered: 1 }],
    ["messages against their publisher's order", [...joined, ack(1, 1), ack(0, 2), ...both(1, 1), ...both(0, 2)], { reordered: 1 }],
  ])('%s', (_name, steps, want) => {
    const verdict = check(steps);
    expect(verdict).toMatchObject({ lost: 0, duplicated: 0, reordered: 0, ...want });
    expect(kept(verdict)).toBe(false);
  });

  it('a loss although a gap told it, and counts the gap', () => {
    const verdict = check([...joined, ack(0, 1), to(0, 0, 1), (checker) => checker.gapTold()]);
    expect(verdict).toMatchObject({ lost: 1, gaps: 1 });
  });

  it.each<[string, Step[], { lost: number; outstanding: number }]>([
    ['in the middle: it will not come', [...joined, ack(0, 1), ack(1, 2), ...both(1, 2)], { lost: 2, outstanding: 0 }],
    ['behind all that came: it may come yet', [...joined, ack(0, 1), ack(1, 2), ...both(0, 1), to(0, 1, 2)], { lost: 1, outstanding: 1 }],
    ['both', [...joined, ack(0, 1), ack(1, 2), ack(2, 3), to(0, 1, 2), ...both(2, 3).slice(1)], { lost: 4, outstanding: 1 }],
    ['before a client had anything', [start(0, 3), ack(0, 4), ack(1, 5)], { lost: 2, outstanding: 2 }],
  ])('where a message is missing: %s', (_name, steps, want) => {
    expect(check(steps)).toMatchObject(want);
  });

  it('that two publishers may be stored in any order', () => {
    const verdict = check([...joined, ack(1, 1, { publisher: 1 }), ack(0, 2), ...both(1, 1, { publisher: 1 }), ...both(0, 2)]);
    expect(verdict.reordered).toBe(0);
  });

  it('a client that never came back, and one that never came', () => {
    const checker = new Checker(Array.from({ length: 3 }, () => ({ channel: 0, slow: false })));
    for (let i = 0; i < 3; i++) checker.connections.began();
    checker.connections.up(0, 5);
    checker.connections.up(1, 5);
    checker.connections.down(1, 400);
    const verdict = checker.verdict(1000);
    expect(verdict).toMatchObject({ neverCameBack: 2, neverCame: 1, longestSilenceMs: { max: 600 } });
    expect(kept(verdict)).toBe(false);
  });

  it('a silence in a message that came late although the connection seemed open', () => {
    const checker = new Checker([{ channel: 0, slow: false }]);
    checker.connections.up(0, 0);
    const late = place(checker, 0, 1, {});
    checker.acknowledged(late, 100);
    checker.delivered(0, late, 900, 850);
    expect(checker.verdict(1000)).toMatchObject({ longestSilenceMs: { max: 800 }, latencyMs: { max: expect.closeTo(850, -1) } });
  });

  it('no latency and no silence in clients that are slow on purpose, but their losses', () => {
    const verdict = check(
      [
        ...joined,
        ack(0, 1),
        ack(1, 2),
        to(0, 0, 1),
        to(0, 1, 2),
        (checker) => {
          checker.delivered(1, place(checker, 0, 1, {}), 5000, 5000);
          checker.connections.down(1, 300);
          checker.connections.up(1, 900);
        },
      ],
      true,
    );
    expect(verdict).toMatchObject({ lost: 1, longestSilenceMs: { max: 10 } });
    expect(verdict.latencyMs.max).toBeLessThan(20);
  });

  it('no latency in what slow clients say', () => {
    const checker = new Checker([
      { channel: 0, slow: false },
      { channel: 0, slow: true },
    ]);
    checker.delivered(0, place(checker, 0, 1, { publisher: 1 }), 9000, 9000);
    checker.delivered(0, place(checker, 1, 2, {}), 9010, 10);
    expect(checker.verdict(9100).latencyMs.max).toBeLessThan(20);
  });

  it('the 50th and 99th percentile of the latency', () => {
    const checker = new Checker([{ channel: 0, slow: false }]);
    for (let i = 0; i < 100; i++) checker.delivered(0, place(checker, i, i + 1, {}), i, i + 1);
    const { latencyMs } = checker.verdict(1000);
    expect(latencyMs.p50).toBeCloseTo(50, 0);
    expect(latencyMs.p99).toBeCloseTo(99, 0);
  });
});
