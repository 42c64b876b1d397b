import { describe, expect, it } from 'vitest';
import { FrameReader, newFrameCounts } from '../../../bench/client/frames.ts';
import { frameText, PING_FRAME } from '../../../gateway/connection/frames.ts';
import fc, { runs } from '../../setup/random-cases.ts';

const text = (type: string, bytes: number): string => JSON.stringify({ type, filler: 'x'.repeat(bytes) });

/** The bytes cut at these places. */
function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end));
}

const frame = fc.record({
  type: fc.constantFrom('message', 'subscribed', 'published', 'presence', 'pong', 'ping frame'),
  bytes: fc.oneof(fc.nat(200), fc.constantFrom(65_600, 400)),
});

describe('FrameReader', () => {
  it.each([
    { name: 'headers alone', onMessage: false },
    { name: 'whole messages', onMessage: true },
  ])('reading $name counts every frame, wherever the stream is cut', ({ onMessage }) => {
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 12 }), fc.array(fc.nat(200_000), { maxLength: 12 }), (frames, cuts) => {
        const counts = newFrameCounts();
        const heard: string[] = [];
        let pings = 0;
        const reader = new FrameReader(counts, onMessage ? (payload) => heard.push(payload.toString()) : null, () => pings++);
        const stream = Buffer.concat(frames.map(({ type, bytes }) => (type === 'ping frame' ? PING_FRAME : frameText(text(type, bytes)))));
        for (const piece of pieces(stream, cuts)) reader.read(piece);
        const of = (wanted: string) => frames.filter(({ type }) => type === wanted);
        const [messages, subscribed, published] = [of('message').length, of('subscribed').length, of('published').length];
        expect(counts).toEqual({ messages, subscribed, connected: 0, published, unexpected: null });
        expect(pings).toBe(of('ping frame').length);
        if (onMessage) expect(heard).toEqual(of('message').map(({ type, bytes }) => text(type, bytes)));
      }),
      { numRuns: runs(200) },
    );
  });

  it.each([
    { name: 'an error', bytes: frameText('{"type":"error","code":"rate-limited"}'), want: '{"type":"error","code":"rate-limited"}' },
    { name: 'a gap', bytes: frameText('{"type":"gap"}'), want: '{"type":"gap"}' },
    { name: 'a close', bytes: Buffer.from([0x88, 2, 0x0f, 0xa1]), want: 'close 4001' },
  ])('notes $name', ({ bytes, want }) => {
    const counts = newFrameCounts();
    new FrameReader(counts, null, () => {}).read(bytes);
    expect(counts.unexpected).toBe(want);
  });
});
