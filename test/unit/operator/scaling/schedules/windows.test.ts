import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../../../../operator/api/duration.ts';
import { DAY } from '../../../../../operator/scaling/schedules/cron.ts';
import { windowsOf } from '../../../../../operator/scaling/schedules/windows.ts';
import { schedule } from './cases.ts';
import { Clocks } from './oracle.ts';

const [BERLIN, NEW_YORK, LORD_HOWE, KOLKATA] = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata'] as const;

/** The windows that begin on a day of the zone, as "start / end" with the offset, to be read by people. */
function onDay(timeZone: string, cron: string, duration: string, day: string): string[] {
  const from = Date.parse(`${day}T00:00Z`) - DAY;
  return windowsOf(schedule({ timeZone, cron, duration }), from, from + 4 * DAY)
    .map(({ start, end }) => [start, end].map((at) => local(timeZone, at)))
    .filter(([start]) => start?.startsWith(day))
    .map(([start = '', end = '']) => `${start.slice(11)} / ${end.startsWith(day) ? end.slice(11) : end}`);
}

function local(timeZone: string, at: number): string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  const offset = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' }).format(at).split('GMT')[1] ?? '';
  return format.format(at).replace(' ', 'T') + (offset === '' ? '+00:00' : offset);
}

describe('when clocks are changed', () => {
  it.each<[string, string, string, string, string, string[]]>([
    // what, zone, cron, duration, the day, windows
    // Berlin: on 29 March 02:00 becomes 03:00, on 25 October 03:00 becomes 02:00.
    ['office hours after the change in spring', BERLIN, '0 9 * * *', '9h', '2026-03-29', ['09:00+02:00 / 18:00+02:00']],
    ['a day has 23 hours', BERLIN, '0 0 * * *', '24h', '2026-03-29', ['00:00+01:00 / 2026-03-30T00:00+02:00']],
    [
      'a night shift over it ends by the clock, an hour shorter',
      BERLIN,
      '0 22 * * *',
      '8h',
      '2026-03-28',
      ['22:00+01:00 / 2026-03-29T06:00+02:00'],
    ],
    [
      'a beginning that is skipped: at the change; the end as ever',
      BERLIN,
      '30 2 * * *',
      '2h',
      '2026-03-29',
      ['03:00+02:00 / 04:30+02:00'],
    ],
    ['an end that is skipped: at the change', BERLIN, '0 1 * * *', '90m', '2026-03-29', ['01:00+01:00 / 03:00+02:00']],
    ['all of it is skipped: none', BERLIN, '10 2 * * *', '20m', '2026-03-29', []],
    ['office hours after the change in autumn', BERLIN, '0 9 * * *', '9h', '2026-10-25', ['09:00+01:00 / 18:00+01:00']],
    ['a day has 25 hours', BERLIN, '0 0 * * *', '24h', '2026-10-25', ['00:00+02:00 / 2026-10-26T00:00+01:00']],
    ['a night shift over it is an hour longer', BERLIN, '0 22 * * *', '8h', '2026-10-24', ['22:00+02:00 / 2026-10-25T06:00+01:00']],
    ['a beginning that comes twice: the first', BERLIN, '30 2 * * *', '2h', '2026-10-25', ['02:30+02:00 / 04:30+01:00']],
    ['an end that comes twice: the second', BERLIN, '0 1 * * *', '90m', '2026-10-25', ['01:00+02:00 / 02:30+01:00']],
    ['all of it comes twice: from the first to the second', BERLIN, '10 2 * * *', '20m', '2026-10-25', ['02:10+02:00 / 02:30+01:00']],
    // New York: on 8 March 02:00 becomes 03:00, on 1 November 02:00 becomes 01:00.
    ['New York in spring', NEW_YORK, '0 9 * * *', '8h', '2026-03-08', ['09:00-04:00 / 17:00-04:00']],
    ['skipped in New York', NEW_YORK, '30 2 * * *', '8h', '2026-03-08', ['03:00-04:00 / 10:30-04:00']],
    ['New York in autumn', NEW_YORK, '0 9 * * *', '8h', '2026-11-01', ['09:00-05:00 / 17:00-05:00']],
    ['twice in New York', NEW_YORK, '30 1 * * *', '8h', '2026-11-01', ['01:30-04:00 / 09:30-05:00']],
    // Lord Howe: on 4 October 02:00 becomes 02:30, on 5 April 02:00 becomes 01:30.
    ['half an hour is skipped', LORD_HOWE, '15 2 * * *', '1h', '2026-10-04', ['02:30+11:00 / 03:15+11:00']],
    ['half an hour skipped inside', LORD_HOWE, '0 1 * * *', '2h', '2026-10-04', ['01:00+10:30 / 03:00+11:00']],
    ['half an hour comes twice', LORD_HOWE, '45 1 * * *', '1h', '2026-04-05', ['01:45+11:00 / 02:45+10:30']],
    ['half an hour twice at the end', LORD_HOWE, '0 1 * * *', '45m', '2026-04-05', ['01:00+11:00 / 01:45+10:30']],
    ['clocks that are never changed, in spring', KOLKATA, '30 2 * * *', '9h', '2026-03-29', ['02:30+05:30 / 11:30+05:30']],
    ['clocks that are never changed, in autumn', KOLKATA, '30 2 * * *', '9h', '2026-10-25', ['02:30+05:30 / 11:30+05:30']],
  ])('%s', (_what, zone, cron, duration, day, want) => {
    expect(onDay(zone, cron, duration, day)).toEqual(want);
  });
});

describe('the calendar', () => {
  it.each<[string, string, string, string, string[]]>([
    ["new year's eve", '0 20 31 12 *', '8h', '2026-12-31', ['20:00+01:00 / 2027-01-01T04:00+01:00']],
    ['the leap day', '0 9 29 2 *', '9h', '2028-02-29', ['09:00+01:00 / 18:00+01:00']],
    ['no leap day in another year', '0 9 29 2 *', '9h', '2027-03-01', []],
    ['a Friday', '0 9 * * 1-5', '9h', '2026-11-27', ['09:00+01:00 / 18:00+01:00']],
    ['no Saturday', '0 9 * * MON-FRI', '9h', '2026-11-28', []],
    ['a weekend as one', '0 0 * * sat', '48h', '2026-11-28', ['00:00+01:00 / 2026-11-30T00:00+01:00']],
    ['Sunday as 7', '0 0 * * 7', '1h', '2026-11-29', ['00:00+01:00 / 01:00+01:00']],
    ['a month by its name', '0 9 1 DEC *', '1h', '2026-12-01', ['09:00+01:00 / 10:00+01:00']],
    ['a list', '0 9,13 * * *', '3h', '2026-11-27', ['09:00+01:00 / 12:00+01:00', '13:00+01:00 / 16:00+01:00']],
    [
      'steps',
      '0 8-20/6 * * *',
      '1h',
      '2026-11-27',
      ['08:00+01:00 / 09:00+01:00', '14:00+01:00 / 15:00+01:00', '20:00+01:00 / 21:00+01:00'],
    ],
    ['a day of the month or of the week', '0 9 27 * 1', '1h', '2026-11-27', ['09:00+01:00 / 10:00+01:00']],
    ['"*/2" with a day of the week: both, as in CronJob', '0 9 */2 * 5', '1h', '2026-11-20', []],
  ])('%s', (_what, cron, duration, day, want) => {
    expect(onDay(BERLIN, cron, duration, day)).toEqual(want);
  });
});

describe('over whole years', () => {
  const years: [string, string][] = [
    [BERLIN, '2026'],
    [NEW_YORK, '2027'],
    [LORD_HOWE, '2026'],
    [KOLKATA, '2026'],
    [BERLIN, '2028'], // a leap year
  ];
  const schedules: [string, string][] = [
    ['0 9 * * 1-5', '9h'],
    ['30 2 * * *', '45m'],
    ['0 22 * * *', '8h'],
    ['15,45 1,2 * * *', '20m'],
    ['0 0 29 2 *', '24h'],
    ['0 20 31 12 *', '10h'],
    ['*/20 */3 1-7 * 0', '15m'],
    ['0 0 * JAN-MAR,OCT sat', '48h'],
    ['5 2 */2 * SUN', '2h'],
  ];

  it.each(years)(
    '%s in %s: as one who looks at every minute',
    (zone, year) => {
      const [from, to] = [Date.parse(`${year}-01-01T00:00Z`) - 2 * DAY, Date.parse(`${Number(year) + 1}-01-01T00:00Z`) + 4 * DAY];
      const clocks = new Clocks(zone, from, to);
      for (const [cron, duration] of schedules) {
        const seen = clocks.windows(cron, parseDuration(duration) ?? 0);
        const found = windowsOf(schedule({ timeZone: zone, cron, duration }), from, to).map(({ start, end }) => ({ start, end }));
        const [first, last] = [seen[0]?.start ?? from, seen.at(-1)?.start ?? from];
        expect({ cron, windows: found.filter(({ start }) => start >= first && start <= last) }).toEqual({ cron, windows: seen });
      }
    },
    60_000,
  );

  it('are no matter of where one begins to look', () => {
    const office = schedule({ cron: '0 22 * * *', duration: '8h' });
    const all = windowsOf(office, Date.parse('2026-03-01T00:00Z'), Date.parse('2026-04-30T00:00Z'));
    for (const { start, end } of all) {
      for (const at of [start, start + 1, end - 1]) expect(windowsOf(office, at, at + 1)).toEqual([{ schedule: office, start, end }]);
      expect(windowsOf(office, end, end + 1)).toEqual([]);
      expect(windowsOf(office, start - 1, start)).toEqual([]);
    }
  });
});
