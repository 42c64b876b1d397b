import { describe, expect, it } from 'vitest';
import { check } from '../../../chaos/checker/check.ts';
import type { LogEvent } from '../../../chaos/checker/log.ts';
import { chain, type Draft, fail, gap, gets, got, holds, judge, log, on, pub, stop, stores, sub } from './story.ts';

const A = chain('e1', 'a b c');
const strict = { lossAllowed: false };
const inChannel = (channel: string, story: Parameters<typeof log>[0]): LogEvent[] =>
  log(story).map((event) => ('channel' in event ? { ...event, channel } : event));

describe('a verdict', () => {
  it('counts what the log holds', () => {
    const fault: Draft = { kind: 'fault', what: 'kill -9 gateway-1' };
    const story = [
      sub('c', on(A, 0)),
      stores('p', A),
      pub('p', 'f'),
      fail('p', 'f'),
      pub('q', 'u'),
      fault,
      gap('c', on(A, 0), on(A, 1)),
      gets('c', A, 2, 3),
      holds(A, 2),
    ];
    expect(judge(story)).toEqual({
      counts: {
        channels: 1,
        clients: 3,
        faults: 1,
        published: 5,
        acknowledged: 3,
        failed: 1,
        unsettled: 1,
        delivered: 2,
        gapsTold: 1,
        forks: 0,
        epochs: 1,
        lostAndTold: 0,
        lostAndUntold: 0,
        undecided: 0,
        repeatedAfterLoss: 0,
      },
      found: {},
      violations: [],
    });
  });

  it('judges each channel by itself', () => {
    const right = [sub('c', on(A, 0)), stores('p', A), gets('c', A, 1, 3), holds(A)];
    const wrong = [sub('c', on(A, 0)), stores('p', A), gets('c', A, 1, 1), gets('c', A, 3, 3), holds(A)];
    const { counts, violations } = check([...inChannel('one', right), ...inChannel('two', wrong)], strict);
    expect(counts).toMatchObject({ channels: 2, clients: 2, published: 6, delivered: 5, epochs: 2 });
    expect(violations.map(({ channel, kind }) => `${channel}: ${kind}`)).toEqual(['two: skipped']);
  });

  it('ends a client that stopped in all its channels', () => {
    const { found } = check(
      [
        ...inChannel('one', [sub('c', on(A, 0))]),
        ...inChannel('two', [sub('c', on(A, 0)), stop('c')]),
        ...inChannel('one', [stores('p', A), holds(A)]),
        ...inChannel('two', [stores('p', A), holds(A)]),
      ],
      strict,
    );
    expect(found).toEqual({});
  });

  it('counts every violation, and keeps the first few of a kind', () => {
    const again = Array.from({ length: 20 }, () => got('c', A, 3));
    const story = [sub('c', on(A, 0)), stores('p', A), gets('c', A, 1, 3), again, holds(A)];
    expect(judge(story)).toMatchObject({ found: { repeated: 20 }, violations: { length: 5 } });
    expect(judge(story, { examples: 2 }).violations).toHaveLength(2);
  });

  it('shows the faults in the time of a counterexample, and no others', () => {
    const fault = (what: string): Draft => ({ kind: 'fault', what });
    const story = [
      fault('before'),
      sub('c', on(A, 0)),
      stores('p', A),
      got('c', A, 1),
      fault('between'),
      got('c', A, 3),
      fault('after'),
      holds(A),
    ];
    const [violation] = judge(story).violations;
    expect(violation?.events.flatMap((event) => (event.kind === 'fault' ? [event.what] : []))).toEqual(['between']);
  });

  it.each([
    [
      'no final history',
      [stores('p', A)],
      'The log has no final history of the channel general: read it from the broker when all is quiet, and write a "history" event.',
    ],
    [
      'two final histories',
      [stores('p', A), holds(A), holds(A)],
      'The log has two final histories of the channel general: write its last one only.',
    ],
  ])('is refused to a log with %s', (_name, story, message) => {
    expect(() => judge(story)).toThrow(message);
  });

  it('accepts an empty log', () => {
    expect(check([], strict)).toMatchObject({ counts: { channels: 0, clients: 0 }, violations: [] });
  });
});
