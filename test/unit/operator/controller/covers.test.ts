import { describe, expect, it } from 'vitest';
import { covers } from '../../../../operator/controller/covers.ts';

const CASES = [
  { name: 'the same', live: { a: 1 }, wanted: { a: 1 }, want: true },
  { name: 'a foreign field', live: { a: 1, b: 2 }, wanted: { a: 1 }, want: true },
  { name: 'another value', live: { a: 2 }, wanted: { a: 1 }, want: false },
  { name: 'text for a number', live: { a: '1' }, wanted: { a: 1 }, want: false },
  { name: 'a field that is gone', live: {}, wanted: { a: 1 }, want: false },
  { name: 'a field that is gone, inside', live: { a: { c: 1 } }, wanted: { a: { b: 1 } }, want: false },
  { name: 'an item with defaults filled in', live: [{ port: 80, nodePort: 30_000 }], wanted: [{ port: 80 }], want: true },
  { name: "an item of somebody else's", live: [{ port: 81 }, { port: 80 }], wanted: [{ port: 80 }], want: true },
  { name: 'an item that is gone', live: [{ port: 81 }], wanted: [{ port: 80 }], want: false },
  { name: 'an empty group that the API server left out', live: {}, wanted: { annotations: {} }, want: true },
  { name: 'what is not said', live: {}, wanted: { a: undefined }, want: true },
  { name: 'nothing at all', live: undefined, wanted: { a: 1 }, want: false },
];

describe('an object covers what is wanted of it', () => {
  it.each(CASES)('$name: $want', ({ live, wanted, want }) => expect(covers(live, wanted)).toBe(want));
});
