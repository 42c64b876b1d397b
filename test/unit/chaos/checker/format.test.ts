import { describe, expect, it } from 'vitest';
import { format } from '../../../chaos/checker/format.ts';
import { chain, gets, holds, judge, on, stores, sub } from './story.ts';

const A = chain('e1', 'a b c');

describe('a verdict for people', () => {
  it('says in one line that the promises held, and how much that was shown on', () => {
    const text = format(judge([sub('c', on(A, 0)), stores('p', A), gets('c', A, 1, 3), holds(A)]));
    expect(text.split('\n')[0]).toBe('D1–D4 held: no violations.');
    expect(text).toMatch(/^ +3 {2}messages published$/m);
  });

  it('tells a violation in a paragraph and a table in the order of time', () => {
    const text = format(
      judge([
        sub('c', on(A, 0)),
        stores('p', A),
        gets('c', A, 1, 1),
        { kind: 'fault', what: 'kill -9 redis' },
        gets('c', A, 3, 3),
        holds(A),
      ]),
    );
    const [a, b, c] = [1, 2, 3].map((offset) => on(A, offset).digest);
    expect(text).toContain(
      'D1–D4 did not hold: 1 violation.\n  D1 skipped: 1. A message was passed over, though others saw it or it is stored.\n',
    );
    expect(text).toContain(
      [
        `D1 skipped in channel general, client c: b at e1/2 was never delivered: after e1/1 (${a}) came c at e1/3 (${c}), and no gap was told.`,
        '  (ms after 30.0)',
        '   +0.0  p        publishes     b',
        `  +10.0  p        acknowledged  b  e1/2 ${b}`,
        `  +40.0  c        delivered     a  e1/1 ${a}`,
        '  +50.0  nemesis  fault            kill -9 redis',
        `  +60.0  c        delivered     c  e1/3 ${c}`,
        `  +70.0  history  holds         b  e1/2 ${b}`,
      ].join('\n'),
    );
  });
});
