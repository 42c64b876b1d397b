import { describe, expect, it } from 'vitest';
import { RememberedIds } from '../../../../../gateway/broker/memory/remembered-ids.ts';
import { asEpoch, asOffset, type Position } from '../../../../../protocol/position.ts';

const at = (offset: number): Position => ({ epoch: asEpoch('life'), offset: asOffset(offset), digest: '' });

describe('RememberedIds', () => {
  const cases = [
    { name: 'within both limits', limits: { maxIds: 3, maxAgeMs: 100 }, now: 99, want: ['a', 'b', 'c'] },
    { name: 'one too many: the oldest goes', limits: { maxIds: 2, maxAgeMs: 100 }, now: 99, want: ['b', 'c'] },
    { name: 'too old', limits: { maxIds: 3, maxAgeMs: 100 }, now: 110, want: ['c'] },
    { name: 'all too old', limits: { maxIds: 3, maxAgeMs: 100 }, now: 120, want: [] },
  ];
  it.each(cases)('$name', ({ limits, now, want }) => {
    const ids = new RememberedIds();
    for (const [i, id] of ['a', 'b', 'c'].entries()) ids.add(id, at(i + 1), i * 10);
    ids.trim(limits, now);
    expect(['a', 'b', 'c'].filter((id) => ids.find(id) !== undefined)).toEqual(want);
    expect(ids.size).toBe(want.length);
    expect(ids.oldestAt).toBe(want.length === 0 ? null : (3 - want.length) * 10);
  });
});
