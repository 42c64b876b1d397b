import { describe, expect, it } from 'vitest';
import { LeaseRecord, MemoryLease } from '../../../../operator/lease/memory-lease.ts';

const DURATION_MS = 3_000;

function two() {
  const record = new LeaseRecord();
  return { a: new MemoryLease(record, 'a', DURATION_MS), b: new MemoryLease(record, 'b', DURATION_MS) };
}

describe('a lease', () => {
  it('has one holder, who keeps it by renewing', async () => {
    const { a, b } = two();
    expect(await a.acquire(0)).toBe(1);
    expect(await b.acquire(2_999)).toBeNull();
    expect(await a.acquire(2_999)).toBe(1);
    expect(await b.acquire(5_998)).toBeNull();
    expect(await b.acquire(5_999)).toBe(2);
  });

  it('is trusted by its holder only until before another one can have it', async () => {
    const { a, b } = two();
    const fence = (await a.acquire(0)) ?? 0;
    expect(a.holds(fence, 1_999)).toBe(true);
    expect(a.holds(fence, 2_000)).toBe(false);
    expect(b.holds(fence, 0)).toBe(false);
  });

  it('holds no more for an earlier tenure', async () => {
    const { a, b } = two();
    const first = (await a.acquire(0)) ?? 0;
    await b.acquire(3_000);
    const again = (await a.acquire(6_000)) ?? 0;
    expect(again).toBe(3);
    expect([a.holds(first, 6_001), a.holds(again, 6_001)]).toEqual([false, true]);
  });

  it('can be given up at once, but only by its holder', async () => {
    const { a, b } = two();
    const fence = (await a.acquire(0)) ?? 0;
    await b.release();
    expect(await b.acquire(1)).toBeNull();
    await a.release();
    expect(a.holds(fence, 1)).toBe(false);
    expect(await b.acquire(1)).toBe(2);
  });
});
