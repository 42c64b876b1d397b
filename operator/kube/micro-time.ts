/** The time of day as the API writes it with microseconds; for people. */
export function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z');
}
