import { describe, expect, it } from 'vitest';
import type { ScheduleSpec } from '../../../../../operator/api/spec.ts';
import { DAY, HOUR, MINUTE } from '../../../../../operator/scaling/schedules/cron.ts';
import { leadFor, scheduledLimits, UNMEASURED_LEAD_MS } from '../../../../../operator/scaling/schedules/in-force.ts';
import { type Limiting, Timeline } from '../../../../../operator/scaling/schedules/timeline.ts';
import fc, { runs } from '../../../../setup/random-cases.ts';
import { schedule } from './cases.ts';
import { Clocks } from './oracle.ts';

/** From 2 to 20 gateways, but for these schedules; a scale-down waits for 5 minutes. */
const spec = (...schedules: ScheduleSpec[]): Limiting => ({
  minReplicas: 2,
  maxReplicas: 20,
  schedules,
  scaleDown: { stabilizationMs: LAG_MINUTES * MINUTE },
});
const LAG_MINUTES = 5;
const at = (text: string): number => Date.parse(text);

const office = schedule();
const evening = schedule({ name: 'evening', cron: '0 17 * * *', duration: '5h', minReplicas: 6, maxReplicas: 40 });
const newYork = schedule({ name: 'new-york', timeZone: 'America/New_York', duration: '8h', minReplicas: 15 });
const night = schedule({ name: 'night', cron: '0 22 * * *', duration: '8h', minReplicas: 1, maxReplicas: 5 });
const weekend = schedule({ name: 'weekend', cron: '0 0 * * SAT', duration: '48h', minReplicas: 3 });

const wide = schedule({ minReplicas: 25, maxReplicas: 50 });
const AFTER_OFFICE = 'by schedule "office" until 18:00 Europe/Berlin, and the stabilization window after it';

describe('the limits in force', () => {
  // 27 November 2026 is a Friday; Berlin is an hour ahead of UTC, New York five behind.
  it.each<[string, ScheduleSpec[], string, number, number, string | null, string | null]>([
    // what, schedules, when, least, most, why the least, why the most
    ['without schedules: those of the spec', [], '2026-11-27T10:00Z', 2, 20, null, null],
    ['before a schedule: the spec', [office], '2026-11-27T07:57:59Z', 2, 20, null, null],
    [
      'early, so that gateways are ready in time',
      [office],
      '2026-11-27T07:58Z',
      10,
      20,
      'by schedule "office" from 09:00 Europe/Berlin',
      null,
    ],
    ['on the hour', [office], '2026-11-27T08:00Z', 10, 20, 'by schedule "office" until 18:00 Europe/Berlin', null],
    ['in its last ms', [office], '2026-11-27T16:59:59.999Z', 10, 20, 'by schedule "office" until 18:00 Europe/Berlin', null],
    ['its minimum for the window of a scale-down after it', [office], '2026-11-27T17:00Z', 10, 20, AFTER_OFFICE, null],
    ['to the end of that window', [office], '2026-11-27T17:04:59.999Z', 10, 20, AFTER_OFFICE, null],
    ['after that: the spec again', [office], '2026-11-27T17:05Z', 2, 20, null, null],
    ['its maximum too', [wide], '2026-11-27T17:04Z', 25, 50, AFTER_OFFICE, AFTER_OFFICE],
    ['on another day: the spec', [office], '2026-11-28T10:00Z', 2, 20, null, null],
    [
      'of two the larger minimum, and the only maximum',
      [office, evening],
      '2026-11-27T16:30Z',
      10,
      40,
      'by schedule "office" until 18:00 Europe/Berlin',
      'by schedule "evening" until 22:00 Europe/Berlin',
    ],
    [
      'in whatever order they are written',
      [evening, office],
      '2026-11-27T16:30Z',
      10,
      40,
      'by schedule "office" until 18:00 Europe/Berlin',
      'by schedule "evening" until 22:00 Europe/Berlin',
    ],
    [
      'the other when one is over',
      [office, evening],
      '2026-11-27T17:05Z',
      6,
      40,
      'by schedule "evening" until 22:00 Europe/Berlin',
      'by schedule "evening" until 22:00 Europe/Berlin',
    ],
    ['in two zones', [office, newYork], '2026-11-27T14:00Z', 15, 20, 'by schedule "new-york" until 17:00 America/New_York', null],
    [
      'of equal ones the one that lasts longer',
      [office, { ...newYork, minReplicas: 10 }],
      '2026-11-27T14:30Z',
      10,
      20,
      'by schedule "new-york" until 17:00 America/New_York',
      null,
    ],
    [
      'a lower minimum and maximum at night',
      [night],
      '2026-11-27T23:00Z',
      1,
      5,
      'by schedule "night" until 06:00 Europe/Berlin',
      'by schedule "night" until 06:00 Europe/Berlin',
    ],
    ['they fall when they are due, not before', [night], '2026-11-27T20:59:59Z', 2, 20, null, null],
    [
      'what the spec says comes back early too',
      [night],
      '2026-11-28T04:58Z',
      2,
      20,
      'from 06:00 Europe/Berlin, when schedule "night" ends',
      'from 06:00 Europe/Berlin, when schedule "night" ends',
    ],
    [
      'a minimum above the maximum of another raises it',
      [
        { ...night, minReplicas: null },
        { ...weekend, minReplicas: 8 },
      ],
      '2026-11-28T02:00Z',
      8,
      8,
      'by schedule "weekend" until 2026-11-30 00:00 Europe/Berlin',
      'by schedule "weekend" until 2026-11-30 00:00 Europe/Berlin',
    ],
    [
      'one that lasts longer than a day: with the date',
      [weekend],
      '2026-11-28T12:00Z',
      3,
      20,
      'by schedule "weekend" until 2026-11-30 00:00 Europe/Berlin',
      null,
    ],
  ])('%s', (_what, schedules, when, minReplicas, maxReplicas, minBy, maxBy) => {
    expect(scheduledLimits(spec(...schedules), at(when), UNMEASURED_LEAD_MS)).toMatchObject({ minReplicas, maxReplicas, minBy, maxBy });
  });

  it('name the schedules that are active', () => {
    expect(scheduledLimits(spec(office, evening, night), at('2026-11-27T16:30Z'), 0).active).toEqual(['office', 'evening']);
    expect(scheduledLimits(spec(office), at('2026-11-27T07:59Z'), MINUTE).active).toEqual([]);
  });

  it('come as early as the lead says', () => {
    const limits = spec(office);
    const leastAt = (when: string, leadMs: number) => scheduledLimits(limits, at(when), leadMs).minReplicas;
    expect(leastAt('2026-11-27T07:50Z', 0)).toBe(2);
    expect(leastAt('2026-11-27T07:50Z', 10 * MINUTE)).toBe(10);
    expect(leastAt('2026-11-27T07:50Z', 10 * MINUTE - 1)).toBe(2);
    expect(leastAt('2026-11-27T07:50Z', 0)).toBe(2);
  });
});

describe('the lead', () => {
  it.each<[string, number[], number]>([
    ['is a guess while nothing was measured', [], 120_000],
    ['is the slowest start lately, half as much again, and a margin', [8_000, 20_000, 9_000], 40_000],
    ['is a margin at least', [0], 10_000],
    ['has an end', [3_600_000], 900_000],
  ])('%s', (_what, starts, want) => expect(leadFor({ starts: starts.map((ms, ordinal) => ({ ordinal, ms })) })).toBe(want));
});

const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata'];
const crons = fc
  .record({
    minute: fc.constantFrom('0', '30', '15,45', '*/20'),
    hour: fc.constantFrom('9', '0', '2', '1,2,3', '8-20/6', '22', '*/5'),
    day: fc.constantFrom('*', '*', '*', '1,4', '*/2', '25-31'),
    weekday: fc.constantFrom('*', '*', '1-5', 'SUN', 'SAT,SUN', '7'),
  })
  .map(({ minute, hour, day, weekday }) => `${minute} ${hour} ${day} * ${weekday}`);
const anySchedules = fc.array(
  fc
    .record({
      cron: crons,
      timeZone: fc.constantFrom(...zones),
      duration: fc.constantFrom('5m', '45m', '3h', '9h', '24h'),
      minReplicas: fc.option(fc.integer({ min: 1, max: 30 })),
      maxReplicas: fc.option(fc.integer({ min: 1, max: 60 })),
    })
    .map((given) => schedule(given)),
  { minLength: 1, maxLength: 4 },
);
/** Weeks with a change of clocks, and others. */
const weeks = fc.constantFrom(
  '2026-03-26',
  '2026-10-21',
  '2026-03-05',
  '2026-10-29',
  '2026-04-02',
  '2026-10-01',
  '2026-12-28',
  '2028-02-26',
);

describe('in a random week', () => {
  it('the limits are at each instant what one finds who looks at every minute, and never contradict', () => {
    const clocksOf = new Map<string, Clocks>();
    const clocks = (zone: string, from: number): Clocks => {
      const key = `${zone} ${from}`;
      const known = clocksOf.get(key) ?? new Clocks(zone, from - 4 * DAY, from + 13 * DAY);
      clocksOf.set(key, known);
      return known;
    };
    fc.assert(
      fc.property(weeks, anySchedules, fc.integer({ min: 0, max: 30 }), (week, schedules, leadMinutes) => {
        const from = at(`${week}T00:00Z`);
        const limits = spec(...schedules);
        const raw = naive(limits, from, clocks);
        const timeline = new Timeline(limits);
        for (let minute = 0; minute < (7 * DAY) / MINUTE; minute += 7) {
          const { minReplicas, maxReplicas } = timeline.at(from + minute * MINUTE, leadMinutes * MINUTE);
          const here = minute + LAG_MINUTES;
          const around = raw.slice(minute, here + leadMinutes + 1);
          const want = { min: Math.max(...around.map(({ min }) => min)), max: Math.max(...around.map(({ max }) => max)) };
          if (minReplicas !== want.min || maxReplicas !== want.max)
            expect({ minute, min: minReplicas, max: maxReplicas }).toEqual({ minute, ...want });
          if (minReplicas > maxReplicas) expect.fail(`${minReplicas} > ${maxReplicas}`);
        }
      }),
      { numRuns: runs(60) },
    );
  }, 60_000);

  it('do not depend on what was asked before', () => {
    fc.assert(
      fc.property(
        weeks,
        anySchedules,
        fc.array(fc.nat({ max: 7 * DAY }), { maxLength: 8 }),
        fc.nat({ max: HOUR }),
        (week, schedules, times, lead) => {
          const timeline = new Timeline(spec(...schedules));
          for (const time of times) {
            const now = at(`${week}T00:00Z`) + time;
            expect(timeline.at(now, lead)).toEqual(new Timeline(spec(...schedules)).at(now, lead));
          }
        },
      ),
      { numRuns: runs(60) },
    );
  }, 60_000);
});

/** The limits for each minute, from a few before a week until an hour after it, without any lead. */
function naive(limits: Limiting, from: number, clocks: (zone: string, from: number) => Clocks): { min: number; max: number }[] {
  const windows = limits.schedules.flatMap((each) =>
    clocks(each.timeZone, from)
      .windows(each.cron, each.durationMs)
      .map((window) => ({ ...window, each })),
  );
  return Array.from({ length: (7 * DAY + 2 * HOUR) / MINUTE }, (_, minute) => {
    const now = from + (minute - LAG_MINUTES) * MINUTE;
    const active = windows.filter(({ start, end }) => start <= now && now < end);
    const said = (field: 'minReplicas' | 'maxReplicas') => active.flatMap(({ each }) => each[field] ?? []);
    const min = said('minReplicas').length > 0 ? Math.max(...said('minReplicas')) : limits.minReplicas;
    const max = said('maxReplicas').length > 0 ? Math.max(...said('maxReplicas')) : limits.maxReplicas;
    return { min, max: Math.max(min, max) };
  });
}

describe('the cost', () => {
  it('a day of 20 schedules, asked each second, is a search at its beginning and near to nothing then', () => {
    const many = Array.from({ length: 20 }, (_, i) => schedule({ name: `s${i}`, cron: `${i} ${i} * * *`, timeZone: zones[i % 4] ?? '' }));
    const timeline = new Timeline(spec(...many));
    const from = at('2026-11-27T00:00Z');
    let seen = 0;
    const changes = new Set<unknown>();
    for (let second = 0; second < 86_400; second++) {
      const limits = timeline.at(from + second * 1_000, UNMEASURED_LEAD_MS);
      if (!changes.has(limits)) seen += 1;
      changes.add(limits);
    }
    // Each start and each end makes a change three times: early, when it is due, and when the window is over; a second search one more.
    expect(seen).toBeLessThanOrEqual(6 * 20 + 2);
  });
});
