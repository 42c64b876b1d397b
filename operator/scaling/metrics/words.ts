/** A number for people: whole from 100 on, else with three digits that count. */
export function amount(value: number): string {
  return String(Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)));
}

/** "of 12 s ago". */
export function ago(ms: number): string {
  return `of ${Math.max(0, Math.round(ms / 1_000))} s ago`;
}
