import { createHash } from 'node:crypto';

/** The revision of gateways made from this template: ten hex digits, equal for equal templates in whatever order their fields stand. */
export function revisionOfTemplate(template: object): string {
  return createHash('sha256')
    .update(JSON.stringify(inOrder(template)))
    .digest('hex')
    .slice(0, 10);
}

/** The order of a list's items counts, that of an object's fields doesn't. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([field, item]) => [field, inOrder(item)]);
}
