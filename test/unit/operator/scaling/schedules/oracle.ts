/** What schedules mean, found out by looking at every minute; shares nothing with the code that is tested. */

const MINUTE = 60_000;
const DAY = 86_400_000;
const BLOCK = DAY / 4;

const NAMES: Readonly<Record<string, number>> = Object.fromEntries([
  ...['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'].map((name, i) => [name, i + 1]),
  ...['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'].map((name, i) => [name, i]),
]);
const numberOf = (text: string): number => NAMES[text.toUpperCase()] ?? Number(text);

function setOf(field: string, min: number, max: number): ReadonlySet<number> {
  const found = new Set<number>();
  for (const part of field.split(',')) {
    const [range = '', step = '1'] = part.split('/');
    const [from = min, to = range === '*' ? max : from] = range === '*' ? [min, max] : range.split('-').map(numberOf);
    for (let value = from; value <= to; value += Number(step)) found.add(value);
  }
  return found;
}

/** Whether a cron means a day (its midnight in UTC, ms), and a time of the day (ms). */
export function cronMatcher(cron: string): { readonly isDay: (midnight: number) => boolean; readonly isTime: (ms: number) => boolean } {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = cron.split(' ');
  const [minutes, hours, days, months] = [setOf(minute, 0, 59), setOf(hour, 0, 23), setOf(day, 1, 31), setOf(month, 1, 12)];
  const weekdays = new Set([...setOf(weekday, 0, 6)].map((value) => value % 7));
  return {
    isDay: (midnight) => {
      const at = new Date(midnight);
      if (!months.has(at.getUTCMonth() + 1)) return false;
      const [isDay, isWeekday] = [days.has(at.getUTCDate()), weekdays.has(at.getUTCDay())];
      return day.startsWith('*') || weekday.startsWith('*') ? isDay && isWeekday : isDay || isWeekday;
    },
    isTime: (ms) => hours.has(Math.floor(ms / (60 * MINUTE))) && minutes.has((ms / MINUTE) % 60),
  };
}

const MARGIN = (2 * DAY) / MINUTE;

/** What the clocks of a zone show, for each minute in [from, to). */
export class Clocks {
  readonly #from: number;
  /** By the minutes from `from` on: what is shown. */
  readonly #walls: Float64Array;
  /** By the minutes from `from` - 2 days on, as clocks show them: the minutes at which that is shown first and last; -1 for never. */
  readonly #first: Int32Array;
  readonly #last: Int32Array;

  constructor(zone: string, from: number, to: number) {
    this.#from = from;
    const minutes = Math.ceil((to - from) / BLOCK) * (BLOCK / MINUTE);
    this.#walls = new Float64Array(minutes);
    this.#first = new Int32Array(minutes + 2 * MARGIN).fill(-1);
    this.#last = new Int32Array(minutes + 2 * MARGIN).fill(-1);
    const parts = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
    const wallOf = (at: number): number => {
      const is = Object.fromEntries(parts.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
      return Date.UTC(is.year ?? 0, (is.month ?? 0) - 1, is.day, is.hour, is.minute);
    };
    // Each minute is looked at in the six hours around a change; in others the clocks only go on.
    for (let begin = from; begin < to; begin += BLOCK) {
      const wall = wallOf(begin);
      const isEven = wallOf(begin + BLOCK) === wall + BLOCK;
      for (let more = 0; more < BLOCK; more += MINUTE)
        this.#see((begin + more - from) / MINUTE, isEven ? wall + more : wallOf(begin + more));
    }
  }

  #see(minute: number, wall: number): void {
    this.#walls[minute] = wall;
    const shown = this.#indexOf(wall);
    if (this.#first[shown] === -1) this.#first[shown] = minute;
    this.#last[shown] = minute;
  }

  #indexOf(wall: number): number {
    return (wall - this.#from) / MINUTE + MARGIN;
  }

  /** When a time is shown first (or last); the first minute that shows a later one, when it is never shown. */
  first(wall: number): number | undefined {
    return this.#shown(this.#first, wall);
  }

  last(wall: number): number | undefined {
    return this.#shown(this.#last, wall);
  }

  #shown(seen: Int32Array, wall: number): number | undefined {
    const index = this.#indexOf(wall);
    for (let later = index; later < index + 180; later++) {
      const minute = (later === index ? seen : this.#first)[later] ?? -1;
      if (minute !== -1) return this.#from + minute * MINUTE;
    }
    return undefined;
  }

  /** The windows of a schedule that begin in these days, but for the first and the last of them. */
  windows(cron: string, durationMs: number): { readonly start: number; readonly end: number }[] {
    const { isDay, isTime } = cronMatcher(cron);
    const found: { start: number; end: number }[] = [];
    const last = Math.floor((this.#walls.at(-1) ?? 0) / DAY) - 1;
    for (let day = Math.ceil((this.#walls[0] ?? 0) / DAY) + 1; day < last; day++) {
      if (!isDay(day * DAY)) continue;
      for (let time = 0; time < DAY; time += MINUTE) {
        if (!isTime(time)) continue;
        const [start, end] = [this.first(day * DAY + time), this.last(day * DAY + time + durationMs)];
        if (start !== undefined && end !== undefined && end > start) found.push({ start, end });
      }
    }
    return found;
  }
}
