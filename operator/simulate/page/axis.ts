/** A mark on an axis. */
export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** From 0 to a round number that is no less than `most`: 0, the middle and the top. */
export function valueTicks(most: number, format: (value: number) => string): readonly Tick[] {
  const top = roundUp(most);
  return [0, top / 2, top].map((value) => ({ value, label: format(value) }));
}

/** One digit, or one and a half, with zeros: its half is round as well. */
function roundUp(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10].find((digit) => digit * power >= value * (1 - 1e-9)) ?? 10) * power;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12, 24, 48, 168, 360, 720, 1_440, 2_160].map((n) => n * HOUR),
];

/** At most `count` marks from 0 on, in whole steps of time, each with its unit. */
export function timeTicks(durationMs: number, count: number): readonly Tick[] {
  const step = STEPS.find((ms) => durationMs / ms <= count) ?? durationMs;
  const ticks: Tick[] = [];
  for (let value = 0; value <= durationMs; value += step) ticks.push({ value, label: timeLabel(value, step) });
  return ticks;
}

function timeLabel(at: number, step: number): string {
  if (step >= 24 * HOUR) return `${at / (24 * HOUR)} d`;
  if (step >= HOUR) return `${at / HOUR} h`;
  return step >= MINUTE ? `${at / MINUTE} min` : `${at / SECOND} s`;
}

/** 1234567 as "1.2M", 12000 as "12k", 0.5 as "0.5". */
export function short(value: number): string {
  const to = (divisor: number, unit: string) => `${Number((value / divisor).toFixed(1))}${unit}`;
  if (value >= 1e6) return to(1e6, 'M');
  return value >= 1e4 ? to(1e3, 'k') : String(Number(value.toFixed(1)));
}
