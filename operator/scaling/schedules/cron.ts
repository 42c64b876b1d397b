import { Cron } from 'croner';
import { timeText } from '../../status/instant.ts';
import { formProblem } from './cron-fields.ts';

/** Ms. */
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/**
 * A cron as a clock on the wall sees it, which knows no zone: its days, and the times of such a day. A wall-clock time is written as the ms since 1970 that it would be
 * in UTC; a day as the number of days since then.
 */
export interface WallCron {
  /** Ms since midnight, ascending. */
  readonly times: readonly number[];
  /** The first of its days that isn't before `day`; `null` when none comes any more. */
  nextDay(day: number): number | null;
}

export type CronRead = { readonly kind: 'ok'; readonly cron: WallCron } | { readonly kind: 'wrong'; readonly problem: string };

/** Where the search for a cron that may never come begins. The Gregorian calendar is the same every 400 years. */
const SOME_DAY = 20_454;

/** Reads a cron of five fields. `problem`: what is wrong and what to write, to be told behind the text. */
export function readCron(text: string): CronRead {
  const problem = formProblem(text);
  if (problem !== null) return { kind: 'wrong', problem };
  const [minute, hour, day, month, weekday] = text.trim().split(/ +/) as [string, string, string, string, string];
  try {
    const minutes = matches(`${minute} * * * *`, HOUR).map((ms) => ms % HOUR);
    const hours = matches(`0 ${hour} * * *`, DAY);
    // As in Vixie's cron and Kubernetes' CronJob: a day field that begins with "*" leaves the choice to the other; two that don't are alternatives.
    const domAndDow = day.startsWith('*') || weekday.startsWith('*');
    const days = wallCron(`0 0 ${day} ${month} ${weekday}`, domAndDow);
    const cron: WallCron = {
      times: hours.flatMap((ms) => minutes.map((more) => ms + more)),
      nextDay: (first) => {
        const next = days.nextRun(timeText(first * DAY - 1_000));
        return next === null ? null : Math.round(next.getTime() / DAY);
      },
    };
    if (cron.nextDay(SOME_DAY) === null)
      return {
        kind: 'wrong',
        problem: `never comes: no ${month === '*' ? 'month' : `month "${month}"`} has a day "${day}"; write another day`,
      };
    return { kind: 'ok', cron };
  } catch (error) {
    const backwards = /From value is larger/.test(error instanceof Error ? error.message : '');
    if (!backwards) throw error;
    return {
      kind: 'wrong',
      problem: 'has a range that runs backwards; write the smaller first, or two ranges, such as "0-1,5-6" for "5-1"',
    };
  }
}

/** In UTC every wall-clock time comes, and once. */
const wallCron = (text: string, domAndDow = false): Cron => new Cron(text, { timezone: 'UTC', mode: '5-part', domAndDow });

/** The times in the first `span` ms of some day. */
function matches(text: string, span: number): number[] {
  const cron = wallCron(text);
  const found: number[] = [];
  let next = cron.nextRun(timeText(SOME_DAY * DAY - 1_000));
  while (next !== null && next.getTime() < SOME_DAY * DAY + span) {
    found.push(next.getTime() - SOME_DAY * DAY);
    next = cron.nextRun(timeText(next.getTime()));
  }
  return found;
}
