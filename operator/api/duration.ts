/**
 * Durations as Go writes them: one or more numbers with units, such as "90s", "1m30s", "500ms", "1.5h". At most three decimals, so that each is a whole number of ms, and
 * no more digits than Go can count in ns: then Go, CEL and we take each for the same.
 */
export const DURATION_PATTERN = /^([0-9]{1,10}ms|[0-9]{1,8}(\.[0-9]{1,3})?s|[0-9]{1,7}(\.[0-9]{1,3})?m|[0-9]{1,5}(\.[0-9]{1,3})?h)+$/;
/** The longest such text. */
export const MAX_DURATION_LENGTH = 30;

const UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

/** A duration in whole ms; `null` when the text is none. */
export function parseDuration(text: string): number | null {
  if (text.length > MAX_DURATION_LENGTH || !DURATION_PATTERN.test(text)) return null;
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(/([0-9.]+)(ms|s|m|h)/g)) ms += Number(amount) * (UNITS.get(unit ?? '') ?? Number.NaN);
  return Math.round(ms);
}

/** The shortest such text for a number of ms: 90_000 is "1m30s". */
export function formatDuration(ms: number): string {
  let rest = Math.round(ms);
  let text = '';
  for (const [unit, size] of [...UNITS].reverse()) {
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    if (amount > 0) text += `${amount}${unit}`;
  }
  return text === '' ? '0s' : text;
}
