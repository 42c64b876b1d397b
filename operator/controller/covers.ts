/**
 * Whether `live` has everything that `wanted` says: further fields, and further items in lists, are others' business. So an object that somebody
 * added to is left alone, and one that somebody changed what we want of is found.
 */
export function covers(live: unknown, wanted: unknown): boolean {
  if (wanted === undefined) return true;
  if (Array.isArray(wanted)) return Array.isArray(live) && wanted.every((item) => live.some((other) => covers(other, item)));
  if (!isObject(wanted)) return Object.is(live, wanted);
  // The API server leaves out what is empty.
  if (live === undefined) return Object.values(wanted).every((value) => covers(undefined, value));
  return isObject(live) && Object.entries(wanted).every(([key, value]) => covers(live[key], value));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
