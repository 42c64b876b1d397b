import { DAY, type WallCron } from './cron.ts';

/** Days that are looked at: in twelve years each date has fallen on nearly each day of the week, leap days included. */
const LOOK_AHEAD_DAYS = 12 * 366;
const SOME_DAY = 20_454;

/** The shortest time between two starts when it is shorter than the duration, ms; `null` when a window is always over before the next one begins. */
export function overlapOf(cron: WallCron, durationMs: number): number | null {
  const { times } = cron;
  const [first, last] = [times[0] ?? 0, times.at(-1) ?? 0];
  let shortest = Number.POSITIVE_INFINITY;
  for (let i = 1; i < times.length; i++) shortest = Math.min(shortest, (times[i] ?? 0) - (times[i - 1] ?? 0));
  const overNight = DAY - (last - first);
  // Only what is longer than a night between two days in a row needs a look at which days there are.
  if (durationMs > overNight) shortest = Math.min(shortest, overNight + (fewestDays(cron) - 1) * DAY);
  return shortest < durationMs ? shortest : null;
}

/** Days from one of its days to the next, at the fewest. */
function fewestDays(cron: WallCron): number {
  let fewest = Number.POSITIVE_INFINITY;
  let day = cron.nextDay(SOME_DAY);
  while (day !== null && day < SOME_DAY + LOOK_AHEAD_DAYS && fewest > 1) {
    const next = cron.nextDay(day + 1);
    if (next !== null) fewest = Math.min(fewest, next - day);
    day = next;
  }
  return fewest;
}
