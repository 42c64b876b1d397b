import type { ScheduleSpec } from '../../api/spec.ts';
import { timeText } from '../../status/instant.ts';
import { DAY, readCron, type WallCron } from './cron.ts';
import { firstAt, lastAt, wallAt } from './zone.ts';

/** A time in which a schedule is active: from `start` until before `end`, ms since 1970. */
export interface Window {
  readonly schedule: ScheduleSpec;
  readonly start: number;
  readonly end: number;
}

/**
 * The windows of a schedule that touch [from, to), in their order. They are meant on the clock of its zone: from the first time that it shows the beginning until the last
 * time that it shows the beginning plus the duration; what the clock skips counts as the moment of the change. So hours are never cut short when a time comes twice.
 */
export function windowsOf(schedule: ScheduleSpec, from: number, to: number): readonly Window[] {
  const { timeZone, durationMs } = schedule;
  const cron = cronOf(schedule);
  const found: Window[] = [];
  // A day more, since clocks may have been changed in between.
  let day = cron.nextDay(Math.floor((wallAt(timeZone, from) - durationMs) / DAY) - 1);
  while (day !== null) {
    for (const time of cron.times) {
      const wall = day * DAY + time;
      const start = firstAt(timeZone, wall);
      if (start >= to) return found;
      const end = lastAt(timeZone, wall + durationMs);
      if (end > from && end > start) found.push({ schedule, start, end });
    }
    day = cron.nextDay(day + 1);
  }
  return found;
}

/** By which schedule, and until or from when: `by schedule "office" until 18:00 Europe/Berlin`. Has the date too when the window lasts longer than a day. */
export function windowText({ schedule, start, end }: Window, now: number): string {
  const isLong = end - start > DAY;
  const when = start > now ? `from ${clockText(schedule, start, isLong)}` : `until ${clockText(schedule, end, isLong)}`;
  return `by schedule "${schedule.name}" ${when} ${schedule.timeZone}${end <= now ? ', and the stabilization window after it' : ''}`;
}

/** What holds again once a window is over: `from 06:00 Europe/Berlin, when schedule "night" ends`. */
export function afterText({ schedule, start, end }: Window): string {
  return `from ${clockText(schedule, end, end - start > DAY)} ${schedule.timeZone}, when schedule "${schedule.name}" ends`;
}

function clockText({ timeZone }: ScheduleSpec, instant: number, withDate: boolean): string {
  const text = timeText(wallAt(timeZone, instant));
  return withDate ? `${text.slice(0, 10)} ${text.slice(11, 16)}` : text.slice(11, 16);
}

const crons = new WeakMap<ScheduleSpec, WallCron>();

function cronOf(schedule: ScheduleSpec): WallCron {
  const known = crons.get(schedule);
  if (known !== undefined) return known;
  const read = readCron(schedule.cron);
  if (read.kind === 'wrong') throw new Error(`"${schedule.cron}" ${read.problem}`);
  crons.set(schedule, read.cron);
  return read.cron;
}
