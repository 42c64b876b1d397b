import { describe, expect, it } from 'vitest';
import { readData, Timeline } from '../../../pages/chat/timeline.ts';
import type { Message } from '../../../protocol/messages.ts';
import { asEpoch, asOffset } from '../../../protocol/position.ts';

const at = (offset: number, epoch = 'e1') => ({ epoch: asEpoch(epoch), offset: asOffset(offset), digest: '' });
const message = (offset: number, data: unknown = { text: `m${offset}` }): Message => ({
  type: 'message',
  channel: 'general',
  position: at(offset),
  id: `id${offset}`,
  member: 'ada',
  time: 0,
  data,
});
const gap = (from: number, to: number, epoch = 'e1') => ({ type: 'gap', channel: 'general', from: at(from), to: at(to, epoch) }) as const;

/** What is read from top to bottom. */
const shown = (timeline: Timeline) =>
  timeline
    .entries()
    .map((entry) =>
      entry.kind === 'gap' ? `gap of ${entry.missed}` : `${entry.text}${entry.kind === 'own' ? (entry.failed ? ' failed' : ' …') : ''}`,
    );

describe('Timeline', () => {
  it.each<[string, (t: Timeline) => void, string[]]>([
    [
      'history, then what is new',
      (t) => {
        t.history([message(1), message(2)]);
        t.message(message(3));
      },
      ['m1', 'm2', 'm3'],
    ],
    [
      'history before what came while it was read, each once',
      (t) => {
        t.message(message(3));
        t.history([message(1), message(2), message(3)]);
      },
      ['m1', 'm2', 'm3'],
    ],
    [
      'a gap where it is',
      (t) => {
        t.message(message(1));
        t.gap(gap(1, 4));
        t.message(message(5));
      },
      ['m1', 'gap of 3', 'm5'],
    ],
    [
      'a gap into a new life of the history',
      (t) => {
        t.message(message(9));
        t.gap(gap(9, 2, 'e2'));
      },
      ['m9', 'gap of 2'],
    ],
    [
      'one’s own at once, below',
      (t) => {
        t.message(message(1));
        t.sending('k', 'mine');
        t.message(message(2));
      },
      ['m1', 'm2', 'mine …'],
    ],
    [
      'one’s own in its place when it comes back',
      (t) => {
        t.sending('k', 'mine');
        t.message(message(1, { text: 'mine', key: 'k' }));
        t.message(message(2));
      },
      ['mine', 'm2'],
    ],
    [
      'one’s own not again, acknowledged before it comes back',
      (t) => {
        t.sending('k', 'mine');
        t.sent('k');
        t.message(message(1, { text: 'mine', key: 'k' }));
      },
      ['mine'],
    ],
    [
      'that one’s own failed',
      (t) => {
        t.sending('k', 'mine');
        t.failed('k');
      },
      ['mine failed'],
    ],
  ])('shows %s', (_name, happen, want) => {
    const timeline = new Timeline();
    happen(timeline);
    expect(shown(timeline)).toEqual(want);
  });

  it('lets the oldest go', () => {
    const timeline = new Timeline();
    for (let n = 1; n <= 1005; n++) timeline.message(message(n));
    expect(shown(timeline)).toHaveLength(1000);
    expect(shown(timeline)[0]).toBe('m6');
  });
});

describe('readData', () => {
  it.each([
    ['text and key', { text: 'hi', key: 'k' }, { text: 'hi', key: 'k' }],
    ['plain text', 'hi', { text: 'hi', key: null }],
    ['something else', { run: 1 }, { text: '{"run":1}', key: null }],
    ['nothing', null, { text: 'null', key: null }],
  ])('shows %s', (_name, data, want) => {
    expect(readData(data)).toEqual(want);
  });
});
