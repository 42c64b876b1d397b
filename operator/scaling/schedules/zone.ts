import { DAY, MINUTE } from './cron.ts';

/** The form of the IANA names of time zones. Offsets such as "+02:00" are none: they know no daylight saving. */
export const ZONE_PATTERN = /^[A-Z][A-Za-z0-9_+-]*(\/[A-Z][A-Za-z0-9_+-]*)*$/;
export const MAX_ZONE_LENGTH = 64;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether there is a time zone of this name. */
export function isZone(name: string): boolean {
  if (name.length > MAX_ZONE_LENGTH || !ZONE_PATTERN.test(name)) return false;
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

/** All names that are known here, but for those that are another name of one of these. */
export const zoneNames = (): readonly string[] => Intl.supportedValuesOf('timeZone');

/** By how much the clocks of a zone are ahead of UTC at an instant, ms. */
export function offsetAt(zone: string, instant: number): number {
  const [, sign, hours, minutes, seconds] = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(formatOf(zone).format(instant)) ?? [];
  const ms = ((Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60 + Number(seconds ?? 0)) * 1_000;
  return sign === '-' ? -ms : ms;
}

/** What the clocks of a zone show at an instant. */
export const wallAt = (zone: string, instant: number): number => instant + offsetAt(zone, instant);

/** When the clocks of a zone show a time for the first time; the moment of the change when they skip it. */
export const firstAt = (zone: string, wall: number): number => shownAt(zone, wall, 'first');

/** When they show it for the last time; the moment of the change when they skip it. */
export const lastAt = (zone: string, wall: number): number => shownAt(zone, wall, 'last');

/** No zone changes its clocks twice in two days: what they show is by the offset before the change, by the one after it, by both or by none. */
function shownAt(zone: string, wall: number, which: 'first' | 'last'): number {
  const [before, after] = [offsetAt(zone, wall - DAY), offsetAt(zone, wall + DAY)];
  if (before === after) return wall - before;
  const [preferred, other] = which === 'first' ? [before, after] : [after, before];
  if (wallAt(zone, wall - preferred) === wall) return wall - preferred;
  if (wallAt(zone, wall - other) === wall) return wall - other;
  return changeBetween(zone, wall - after, wall - before);
}

/** The minute at which the offset changes. `from` is before it, `to` is not. */
function changeBetween(zone: string, from: number, to: number): number {
  const old = offsetAt(zone, from);
  let [before, after] = [Math.floor(from / MINUTE), Math.ceil(to / MINUTE)];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetAt(zone, middle * MINUTE) === old) before = middle;
    else after = middle;
  }
  return after * MINUTE;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  formats.set(zone, format);
  return format;
}
