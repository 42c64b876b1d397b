import { expect, test } from 'vitest';
import { Stream } from '../../../client/stream.ts';
import type { ServerMessage } from '../../../protocol/messages.ts';
import { type Position, samePosition } from '../../../protocol/position.ts';
import { at, gap, message, subscribed } from '../../fakes/client-environment.ts';

/** The application had all of line a. */
const had = (id: string) => id.startsWith('ma');

/** Hears the messages on one stream from our position; tells the verdicts, and moves our position by what is taken. */
function hear(ours: Position | null, heard: readonly ServerMessage[], ask = false): string[] {
  const stream = new Stream();
  let position = ours;
  return heard.map((one) => {
    if (one.type === 'subscribed') {
      const verdict = stream.subscribed(one, position);
      if (verdict === 'take') position ??= one.position;
      return verdict;
    }
    if (one.type === 'gap') {
      const verdict = stream.gap(one, position);
      if (verdict === 'take') position = one.to;
      return verdict;
    }
    if (one.type !== 'message') throw new Error(`${one.type} is for no stream`);
    const verdict = stream.message(one, position, had);
    if (verdict === 'take') position = one.position;
    if (verdict === 'ask-again' && ask) stream.asked();
    return verdict;
  });
}

test.each([
  { name: 'a first stream starts where the gateway says', ours: null, heard: [subscribed(at(5)), message(at(6))], want: ['take', 'take'] },
  { name: 'what comes before subscribed is dropped', ours: at(5), heard: [message(at(6))], want: ['drop'] },
  {
    name: 'a link that is behind catches up in silence',
    ours: at(7),
    heard: [subscribed(at(5)), message(at(6)), message(at(7)), message(at(8))],
    want: ['take', 'drop', 'drop', 'take'],
  },
  {
    name: 'a message twice on one link counts once',
    ours: at(5),
    heard: [subscribed(at(5)), message(at(6)), message(at(6))],
    want: ['take', 'take', 'drop'],
  },
  { name: 'a hole is not jumped over', ours: at(5), heard: [subscribed(at(5)), message(at(7))], want: ['take', 'ask-again'] },
  {
    name: 'another epoch needs a gap first',
    ours: at(5),
    heard: [subscribed(at(5)), message(at(6, 'b', 'e2'))],
    want: ['take', 'ask-again'],
  },
  {
    name: 'a stream that started ahead of us is asked again',
    ours: at(5),
    heard: [subscribed(at(8)), message(at(9))],
    want: ['ask-again', 'ask-again'],
  },
  {
    name: 'a gap from our position is told, and the stream goes on after it',
    ours: at(5),
    heard: [subscribed(at(9), false), gap(at(5), at(9)), message(at(10))],
    want: ['take', 'take', 'take'],
  },
  {
    name: 'a gap into another epoch is told',
    ours: at(5),
    heard: [subscribed(at(2, 'b', 'e2'), false), gap(at(5), at(2, 'b', 'e2')), message(at(3, 'b', 'e2'))],
    want: ['take', 'take', 'take'],
  },
  {
    name: 'a gap that another link has delivered meanwhile is no gap',
    ours: at(9),
    heard: [subscribed(at(7), false), gap(at(5), at(7)), message(at(8)), message(at(9)), message(at(10))],
    want: ['take', 'drop', 'drop', 'drop', 'take'],
  },
  {
    name: 'a gap over more than the other link has delivered is asked about from our position',
    ours: at(6),
    heard: [subscribed(at(9), false), gap(at(5), at(9))],
    want: ['take', 'ask-again'],
  },
  {
    // The tail 4–5 was lost, others took these offsets: equal offsets, another line.
    name: 'the same offset on a lost fork does not continue',
    ours: at(5),
    heard: [subscribed(at(3)), message(at(4, 'b')), message(at(5, 'b')), message(at(6, 'b'))],
    want: ['take', 'ask-again', 'ask-again', 'ask-again'],
  },
  {
    name: 'nor does it when the link was behind by that one',
    ours: at(5),
    heard: [subscribed(at(4)), message(at(5, 'b')), message(at(6, 'b'))],
    want: ['take', 'ask-again', 'ask-again'],
  },
  {
    name: 'nor does a lower offset on the line that took its place, though more of ours are lost than of it are there',
    ours: at(9),
    heard: [subscribed(at(3)), message(at(4)), message(at(5, 'b'))],
    want: ['take', 'drop', 'ask-again'],
  },
  {
    name: 'a gap back to a shorter line is told',
    ours: at(9),
    heard: [subscribed(at(7, 'b'), false), gap(at(9), at(7, 'b')), message(at(8, 'b'))],
    want: ['take', 'take', 'take'],
  },
  {
    name: 'messages instead of the gap that should follow are not trusted',
    ours: at(5),
    heard: [subscribed(at(9), false), message(at(10))],
    want: ['take', 'ask-again'],
  },
])('$name', ({ ours, heard, want }) => {
  expect(hear(ours, heard)).toEqual(want);
});

test('after it asked again it drops all until the answer', () => {
  const heard = [subscribed(at(5)), message(at(7)), message(at(8)), subscribed(at(5)), message(at(6))];
  expect(hear(at(5), heard, true)).toEqual(['take', 'ask-again', 'drop', 'take', 'take']);
});

test.each([
  { name: 'an error while asked is a refusal', steps: ['error'], want: ['refused'], state: 'refused' },
  { name: 'an error for a subscribe that another replaced', steps: ['ask', 'error'], want: ['superseded'], state: 'asked' },
  {
    name: 'the second error answers the second subscribe',
    steps: ['ask', 'error', 'error'],
    want: ['superseded', 'refused'],
    state: 'refused',
  },
  { name: 'an error after an unsubscribe answers the subscribe before it', steps: ['leave', 'error'], want: ['superseded'], state: 'left' },
  { name: 'an error on a live stream is about something else', steps: ['answer', 'error'], want: ['foreign'], state: 'live' },
  { name: 'but one that ends streams ends it', steps: ['answer', 'error-that-ends'], want: ['refused'], state: 'refused' },
  {
    name: 'an answer after a refusal brings it to life',
    steps: ['ask', 'error', 'error', 'answer'],
    want: ['superseded', 'refused'],
    state: 'live',
  },
  { name: 'unsubscribed ends a live stream', steps: ['answer', 'unsubscribed'], want: [], state: 'left' },
  { name: 'unsubscribed before the next answer does not', steps: ['answer', 'leave', 'ask', 'unsubscribed'], want: [], state: 'asked' },
])('$name', ({ steps, want, state }) => {
  const stream = new Stream();
  const verdicts: string[] = [];
  for (const step of steps) {
    if (step === 'ask') stream.asked();
    if (step === 'leave') stream.left();
    if (step === 'unsubscribed') stream.unsubscribed();
    if (step === 'error') verdicts.push(stream.error(false));
    if (step === 'error-that-ends') verdicts.push(stream.error(true));
    if (step === 'answer') stream.subscribed({ type: 'subscribed', channel: 'c', position: at(1), recovered: true }, null);
  }
  expect({ verdicts, state: stream.state }).toEqual({ verdicts: want, state });
});

test('positions of the fakes differ by line and epoch', () => {
  expect(samePosition(at(5), at(5, 'b'))).toBe(false);
  expect(samePosition(at(5), at(5, 'a', 'e2'))).toBe(false);
});
