import { describe, expect, test } from 'vitest';
import { standing, verdict } from '../../../../gateway/channels/standing.ts';
import { Tail, TailBudget } from '../../../../gateway/channels/tail.ts';
import { asEpoch, asOffset, type Position } from '../../../../protocol/position.ts';

const at = (offset: number, digest = `d${offset}`, epoch = 'e1'): Position => ({ epoch: asEpoch(epoch), offset: asOffset(offset), digest });

function tailOf(count: number, limits = { maxMessages: 100, maxBytes: 10_000 }, budget = new TailBudget(100_000)): Tail {
  const tail = new Tail(at(0), limits, budget);
  for (let offset = 1; offset <= count; offset++) tail.push(at(offset), Buffer.alloc(10, offset));
  return tail;
}

const firstBytes = (frames: readonly Buffer[]) => frames.map((frame) => frame[0]);

describe('a tail', () => {
  test.each([
    { name: 'keeps all within its limits', limits: { maxMessages: 10, maxBytes: 1_000 }, want: { base: 0, length: 5 } },
    { name: 'keeps the newest messages', limits: { maxMessages: 2, maxBytes: 1_000 }, want: { base: 3, length: 2 } },
    { name: 'keeps the newest bytes', limits: { maxMessages: 10, maxBytes: 35 }, want: { base: 2, length: 3 } },
    { name: 'keeps nothing when one message is too large', limits: { maxMessages: 10, maxBytes: 5 }, want: { base: 5, length: 0 } },
  ])('$name', ({ limits, want }) => {
    const tail = tailOf(5, limits);
    expect({ base: tail.base.offset, length: tail.length }).toEqual(want);
    expect(tail.after(5)).toEqual([]);
    expect(firstBytes(tail.after(want.base))).toEqual([1, 2, 3, 4, 5].slice(want.base));
  });

  test('goes on for ever without growing', () => {
    const budget = new TailBudget(100_000);
    const tail = tailOf(10_000, { maxMessages: 50, maxBytes: 10_000 }, budget);
    expect([tail.length, tail.base.offset, budget.usedBytes]).toEqual([50, 9_950, 500]);
    expect(firstBytes(tail.after(9_998))).toEqual([9_999 % 256, 10_000 % 256]);
    expect([tail.at(9_950), tail.at(10_000), tail.at(9_949), tail.at(10_001)]).toEqual([at(9_950), at(10_000), null, null]);
  });

  test('keeps few when all channels together have too much', () => {
    const budget = new TailBudget(300);
    const tails = Array.from({ length: 5 }, () => tailOf(20, undefined, budget));
    expect(tails.map(({ length }) => length)).toEqual([20, 10, 8, 8, 8]);
    for (const tail of tails) tail.reset(at(20));
    expect(budget.usedBytes).toBe(0);
  });
});

describe('where a position stands', () => {
  test.each([
    { name: 'at the head', position: at(9), want: 'join' },
    { name: 'within the tail', position: at(6), want: 'join' },
    { name: 'right before the tail', position: at(4), want: 'join' },
    { name: 'before the tail', position: at(3), want: 'read' },
    { name: 'beyond the head', position: at(10), want: 'ahead' },
    { name: 'in another epoch', position: at(6, 'd6', 'e0'), want: 'read' },
    { name: 'on another line', position: at(6, 'x'), want: 'fork' },
    { name: 'on another line, right before the tail', position: at(4, 'x'), want: 'fork' },
  ])('$name', ({ position, want }) => {
    expect(standing(position, at(9), tailOf(9, { maxMessages: 5, maxBytes: 1_000 }))).toBe(want);
  });
});

describe('what a read from one position says about another', () => {
  const stored = (offset: number) => ({ position: at(offset), id: '', member: '', data: '', time: 0 });
  const messages = { kind: 'messages', messages: [stored(5), stored(6), stored(7)] } as const;
  const gap = (reason: 'trimmed' | 'epoch' | 'fork', to: Position) => ({ kind: 'gap', reason, to }) as const;
  const lost = (to: Position) => ({ kind: 'gap', to, fork: false });
  const fork = (to: Position) => ({ kind: 'gap', to, fork: true });
  test.each([
    { name: 'the same', position: at(4), result: messages, want: { kind: 'messages', index: 0 } },
    { name: 'one of its messages', position: at(6), result: messages, want: { kind: 'messages', index: 2 } },
    { name: 'its last message', position: at(7), result: messages, want: { kind: 'messages', index: 3 } },
    { name: 'one beyond', position: at(8), result: messages, want: { kind: 'unknown' } },
    { name: 'one before', position: at(3), result: messages, want: { kind: 'unknown' } },
    { name: 'one on another line', position: at(6, 'x'), result: messages, want: fork(at(20)) },
    { name: 'the same offset on another line', position: at(4, 'x'), result: messages, want: fork(at(20)) },
    { name: 'another epoch', position: at(6, 'd6', 'e0'), result: messages, want: { kind: 'unknown' } },
    { name: 'the same, trimmed', position: at(4), result: gap('trimmed', at(9)), want: lost(at(9)) },
    { name: 'another that is trimmed', position: at(8), result: gap('trimmed', at(9)), want: lost(at(9)) },
    { name: 'one that is not trimmed', position: at(9), result: gap('trimmed', at(9)), want: { kind: 'unknown' } },
    {
      name: 'another of an old epoch',
      position: at(1),
      result: gap('epoch', at(0, 'd', 'e2')),
      want: lost(at(0, 'd', 'e2')),
    },
    { name: 'one of the new epoch', position: at(1, 'd1', 'e2'), result: gap('epoch', at(0, 'd', 'e2')), want: { kind: 'unknown' } },
    { name: 'the forked one', position: at(4), result: gap('fork', at(9)), want: fork(at(9)) },
    { name: 'another than the forked one', position: at(5), result: gap('fork', at(9)), want: { kind: 'unknown' } },
  ])('$name', ({ position, result, want }) => {
    expect(verdict(position, at(4), result, at(20))).toEqual(want);
  });
});

describe('a tail that gets what was read before it', () => {
  const base = (): Tail => {
    const tail = new Tail(at(10), { maxMessages: 6, maxBytes: 100 }, new TailBudget(1_000));
    for (const offset of [11, 12]) tail.push(at(offset), Buffer.alloc(10, offset));
    return tail;
  };
  const positions = (from: number) => Array.from({ length: 10 - from }, (_, i) => at(from + i + 1));
  const frames = (from: number, bytes: number) => positions(from).map(({ offset }) => Buffer.alloc(bytes, offset));

  test.each([
    { name: 'reaches back to where the read began', from: 8, bytes: 10, want: { base: 8, frames: [9, 10, 11, 12] } },
    { name: 'keeps no more messages than its limit, the newest', from: 2, bytes: 10, want: { base: 6, frames: [7, 8, 9, 10, 11, 12] } },
    { name: 'keeps no more bytes than its limit', from: 2, bytes: 40, want: { base: 8, frames: [9, 10, 11, 12] } },
    { name: 'keeps nothing of what is too large', from: 8, bytes: 90, want: { base: 10, frames: [11, 12] } },
  ])('$name', ({ from, bytes, want }) => {
    const tail = base();
    tail.prepend(at(from), positions(from), frames(from, bytes));
    expect({ base: tail.base.offset, frames: firstBytes(tail.after(want.base)) }).toEqual(want);
    expect(tail.at(want.base)).toEqual(at(want.base));
    expect(tail.length).toBe(12 - want.base);
  });

  test('takes nothing beyond what all channels may have together, and counts what it takes', () => {
    const budget = new TailBudget(25);
    const tail = new Tail(at(10), { maxMessages: 100, maxBytes: 1_000 }, budget);
    tail.prepend(at(7), positions(7), frames(7, 10));
    expect([tail.base.offset, budget.usedBytes]).toEqual([8, 20]);
    tail.reset(at(10));
    expect(budget.usedBytes).toBe(0);
  });
});
