import { expect, test } from 'vitest';
import { RecentIds } from '../../../client/recent-ids.ts';

/** Takes these in; returns those that were for the application. */
const taken = (ids: RecentIds, ...of: readonly string[]) => of.filter((id) => ids.take(id));
const many = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}${n}`);

test('without a gap all are new: positions alone say what was seen', () => {
  expect(taken(new RecentIds(), 'a', 'b', 'a')).toEqual(['a', 'b', 'a']);
});

test('after a gap those that were seen before it are not, however often they come', () => {
  const ids = new RecentIds();
  taken(ids, 'a', 'b');
  ids.gap();
  expect(taken(ids, 'b', 'c', 'b')).toEqual(['c']);
  ids.gap();
  expect(taken(ids, 'c', 'a', 'd')).toEqual(['d']);
});

test('a gap before any message changes nothing', () => {
  const ids = new RecentIds();
  ids.gap();
  expect(taken(ids, 'a', 'a')).toEqual(['a', 'a']);
});

test('the newest 2,048 are kept', () => {
  const ids = new RecentIds();
  taken(ids, 'old', ...many('a', 2_048));
  ids.gap();
  expect(taken(ids, 'old', 'a0', 'a2047')).toEqual(['old', 'a0']);
});

test('each new one takes the place of the oldest, until nothing from before the gap is left', () => {
  const ids = new RecentIds();
  taken(ids, ...many('a', 300));
  ids.gap();
  expect(taken(ids, ...many('b', 1_748)).length).toBe(1_748);
  expect(ids.take('a0')).toBe(false);
  expect(taken(ids, ...many('c', 299)).length).toBe(299);
  expect(ids.take('a299')).toBe(false);
  expect(taken(ids, 'c299', 'a299', 'b0')).toEqual(['c299', 'a299', 'b0']);
});

test('tells which are kept', () => {
  const ids = new RecentIds();
  taken(ids, 'old', ...many('a', 2_048));
  expect(['old', 'a0', 'a2047', 'b'].map((id) => ids.has(id))).toEqual([false, true, true, false]);
});
