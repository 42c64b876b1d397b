import { expect, it } from 'vitest';
import { instantOf, timeText } from '../../../../operator/status/instant.ts';

const INSTANTS = ['1970-01-01T00:00:00Z', '1999-12-31T23:59:59Z', '2000-02-29T12:00:00Z', '2026-11-30T07:08:09Z', '2100-03-01T00:00:00Z'];

it.each(INSTANTS)('writes and reads %s', (text) => {
  expect(timeText(Date.parse(text))).toBe(text);
  expect(instantOf(text)).toBe(Date.parse(text));
});

it('does so as JavaScript does, for a hundred years, day by day', () => {
  for (let day = 0; day < 36_525; day++) {
    const ms = day * 86_400_000 + 45_296_000;
    const text = new Date(ms).toISOString().replace('.000Z', 'Z');
    if (timeText(ms) !== text || instantOf(text) !== ms) expect([timeText(ms), instantOf(text)]).toEqual([text, ms]);
  }
});

it('leaves out parts of a second, rounded down', () => {
  expect(timeText(1_999)).toBe('1970-01-01T00:00:01Z');
});

it.each([
  ['2026-11-30T07:08:09.5Z', '2026-11-30T07:08:09.500Z'],
  ['2026-11-30T07:08:09.123456Z', '2026-11-30T07:08:09.123Z'],
  ['2026-11-30T07:08:09+01:30', '2026-11-30T05:38:09Z'],
  ['2026-11-30T23:08:09-02:00', '2026-12-01T01:08:09Z'],
])('reads %s', (text, same) => {
  expect(instantOf(text)).toBe(Date.parse(same));
});

it.each(['', 'now', '2026-11-30', '2026-11-30T07:08:09', '30.11.2026'])('does not read "%s"', (text) => {
  expect(instantOf(text)).toBeNull();
});
