import { describe, expect, test } from 'vitest';
import { frameText, PING_FRAME, payloadOf } from '../../../../gateway/connection/frames.ts';

describe('a text frame', () => {
  test.each([
    { text: '', header: [0x81, 0] },
    { text: 'a', header: [0x81, 1] },
    { text: 'x'.repeat(125), header: [0x81, 125] },
    { text: 'x'.repeat(126), header: [0x81, 126, 0, 126] },
    { text: 'x'.repeat(65_535), header: [0x81, 126, 0xff, 0xff] },
    { text: 'x'.repeat(65_536), header: [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0] },
    // 63 characters of two bytes each: the length is that of the bytes.
    { text: 'ü'.repeat(63), header: [0x81, 126, 0, 126] },
    { text: '👋', header: [0x81, 4] },
  ])('of $text.length characters has the header of its bytes', ({ text, header }) => {
    const frame = frameText(text);
    expect([...frame.subarray(0, header.length)]).toEqual(header);
    expect(frame.subarray(header.length).toString()).toBe(text);
    expect(payloadOf(frame).toString()).toBe(text);
  });

  test('has memory of its own where it is kept, so that keeping it keeps nothing else', () => {
    expect(frameText('hello', Buffer.allocUnsafeSlow).buffer.byteLength).toBe(7);
  });
});

test('a ping has no payload', () => {
  expect([...PING_FRAME]).toEqual([0x89, 0]);
});
