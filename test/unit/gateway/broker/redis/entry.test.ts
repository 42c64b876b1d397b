import { describe, expect, it } from 'vitest';
import { nextDigest } from '../../../../../gateway/broker/digest.ts';
import {
  decodeMessage,
  decodeNotification,
  encodeEvent,
  encodeText,
  positionOf,
  restOf,
} from '../../../../../gateway/broker/redis/entry.ts';

/** Every kind of text that a publisher may send. */
const TEXTS: readonly (readonly [name: string, text: string])[] = [
  ['nothing', ''],
  ['plain', 'ann'],
  ['a space', 'a b'],
  ['newlines', '\n\r\nx\n'],
  ['percents', '%41 100% %'],
  ['quotes and backslashes', '"\\"\\n"'],
  ['a zero byte', 'a\0b'],
  ['two-byte letters', 'größe'],
  ['emoji, a pair of surrogates each', '😀👩‍👩‍👧'],
  ['braces', '{room}'],
  ['what encodeURIComponent lets be', "!'()*~-_."],
];

/** A message as the script stores it. */
const stored = (id: string, rest: string, time = '1700000000123') => `${nextDigest('', id)}${time}${encodeText(id)} ${rest}`;

describe('a stored message', () => {
  it.each(TEXTS)('has %s as its id, member, name and data again', (_, text) => {
    const message = { id: text, member: text, name: text, data: JSON.stringify(text) };
    expect(decodeMessage('e1', 7, stored(text, restOf(message)))).toEqual({
      ...message,
      position: positionOf('e1', 7, nextDigest('', text)),
      time: 1_700_000_000_123,
    });
  });

  it.each(TEXTS)('keeps %s as raw data', (_, data) => {
    expect(decodeMessage('e1', 1, stored('m1', restOf({ id: 'm1', member: 'ann', data }))).data).toBe(data);
  });

  it('has no name when it was given none, which is not the empty one', () => {
    const without = decodeMessage('e1', 1, stored('m1', restOf({ id: 'm1', member: 'ann', data: '1' })));
    expect('name' in without).toBe(false);
    expect(decodeMessage('e1', 1, stored('m1', restOf({ id: 'm1', member: 'ann', name: '', data: '1' }))).name).toBe('');
  });

  it('may be as old as 1970', () => {
    expect(decodeMessage('e1', 1, stored('m1', restOf({ id: 'm1', member: 'ann', data: '1' }), '0000000000000')).time).toBe(0);
  });

  it('keeps the lone surrogates of a member, which JSON escapes', () => {
    const { member } = decodeMessage('e1', 1, stored('m1', restOf({ id: 'm1', member: 'a\ud800b', data: '1' })));
    expect(member).toBe('a\ud800b');
  });
});

describe('a text made ASCII', () => {
  it.each(TEXTS)('of %s has no space and is the same again', (_, text) => {
    expect(encodeText(text)).toMatch(/^[!-~]*$/);
    expect(decodeURIComponent(encodeText(text))).toBe(text);
  });

  it.each([
    ['plain-1_2.~', 'plain-1_2.~'],
    ['a%', 'a%25'],
    ['a b', 'a%20b'],
    ['ü', '%C3%BC'],
    ['lone \ud800 and \udfff', 'lone%20%EF%BF%BD%20and%20%EF%BF%BD'],
  ])('%j is %s', (text, want) => expect(encodeText(text)).toBe(want));
});

describe('a notification', () => {
  it('of a message tells where it stands', () => {
    const message = { id: 'm 1', member: 'ann', name: 'Ann\n', data: '{"a":"b c\\n"}' };
    expect(decodeNotification(`me-1_x 12 ${stored('m 1', restOf(message))}`)).toEqual({
      kind: 'message',
      message: { ...message, position: positionOf('e-1_x', 12, nextDigest('', 'm 1')), time: 1_700_000_000_123 },
    });
  });

  it.each(TEXTS)('of an event has %s again', (_, text) => {
    const event = { member: text, name: text, data: JSON.stringify(text) };
    expect(decodeNotification(encodeEvent(event))).toEqual({ kind: 'event', event });
  });

  it('of an event without data has none', () => {
    expect(decodeNotification(encodeEvent({ member: 'ann', name: 'typing' }))).toEqual({
      kind: 'event',
      event: { member: 'ann', name: 'typing' },
    });
  });

  it.each(TEXTS)('of who joined and left has %s again', (_, text) => {
    const member = { member: text, name: text };
    expect(decodeNotification(`j30000 life.7 ${JSON.stringify(member)}`)).toEqual({
      kind: 'join',
      member,
      version: 'life.7',
      ttlMs: 30_000,
    });
    expect(decodeNotification(`llife.8 ${JSON.stringify(member)}`)).toEqual({ kind: 'leave', member, version: 'life.8' });
  });

  it.each(['', 'x', 'zebra', 'm', 'me 1', 'me 1 short', 'me x y', 'e', 'e{', 'j', 'j1 v {', 'l', 'lv', 'lv {', '{"kind":"message"}'])(
    'of somebody else, %j, is none of ours',
    (text) => expect(decodeNotification(text)).toBeNull(),
  );
});
