import { describe, expect, it } from 'vitest';
import type { Page, ReadResult, StoredMessage } from '../../../gateway/broker/broker.ts';
import { asEpoch, asOffset, type Position } from '../../../protocol/position.ts';
import { type Context, LIMITS } from '../broker.ts';
import { ids, message, publishAll } from './build.ts';

const idsOf = ({ messages }: { messages: readonly StoredMessage[] }): string[] => messages.map(({ id }) => id);

/** The ids read, or the gap. */
const told = (result: ReadResult): unknown =>
  result.kind === 'messages' ? idsOf(result) : { gap: result.reason, to: result.to.offset as number };

export function historyContract(context: Context): void {
  describe('history of messages 4 to 10, the first three trimmed by count', () => {
    /** The positions 0 to 10. */
    async function fill(): Promise<Position[]> {
      await context.harness.setLimits({ maxMessages: 7, maxAgeMs: 60_000 });
      const start = await context.a.head('room');
      const stored = await publishAll(context.a, 'room', ids('m', 10));
      return [start, ...stored.map(({ position }) => position)];
    }
    const at = (positions: Position[], offset: number): Position => positions[offset] as Position;

    const reads: { name: string; after: (positions: Position[]) => Position; limit?: number; want: unknown }[] = [
      { name: 'after the head: nothing', after: (p) => at(p, 10), want: [] },
      { name: 'after a position on the line: all after it', after: (p) => at(p, 7), want: ['m8', 'm9', 'm10'] },
      { name: 'at most the limit', after: (p) => at(p, 5), limit: 2, want: ['m6', 'm7'] },
      { name: 'a limit of 0: nothing', after: (p) => at(p, 5), limit: 0, want: [] },
      { name: 'right before the oldest kept is no gap', after: (p) => at(p, 3), want: ids('m', 10).slice(3) },
      { name: 'too old: trimmed, up to right before the oldest kept', after: (p) => at(p, 2), want: { gap: 'trimmed', to: 3 } },
      { name: 'from the very start: trimmed', after: (p) => at(p, 0), want: { gap: 'trimmed', to: 3 } },
      {
        name: 'another epoch: up to right before the oldest kept',
        after: (p) => ({ ...at(p, 7), epoch: asEpoch('another') }),
        want: { gap: 'epoch', to: 3 },
      },
      {
        name: 'another digest: a fork, up to the head',
        after: (p) => ({ ...at(p, 7), digest: 'f0f0f0f0f0f0' }),
        want: { gap: 'fork', to: 10 },
      },
      { name: 'another digest at the head', after: (p) => ({ ...at(p, 10), digest: 'f0f0f0f0f0f0' }), want: { gap: 'fork', to: 10 } },
      {
        name: 'another digest right before the oldest kept',
        after: (p) => ({ ...at(p, 3), digest: 'f0f0f0f0f0f0' }),
        want: { gap: 'fork', to: 10 },
      },
      { name: 'beyond the head: a fork', after: (p) => ({ ...at(p, 10), offset: asOffset(11) }), want: { gap: 'fork', to: 10 } },
    ];
    it.each(reads)('read $name', async ({ after, limit = 100, want }) => {
      const positions = await fill();
      expect(told(await context.b.read('room', after(positions), limit))).toEqual(want);
    });

    it('a gap leads to a position from which reading goes on', async () => {
      const positions = await fill();
      for (const after of [at(positions, 1), { ...at(positions, 7), epoch: asEpoch('another') }]) {
        const gap = await context.b.read('room', after, 100);
        if (gap.kind !== 'gap') throw new Error('no gap');
        expect(gap.to).toEqual(at(positions, 3));
        expect(told(await context.b.read('room', gap.to, 2))).toEqual(['m4', 'm5']);
      }
    });

    const pages: { name: string; before: number | null; limit: number; want: { ids: string[]; more: boolean } }[] = [
      { name: 'the newest', before: null, limit: 3, want: { ids: ['m8', 'm9', 'm10'], more: true } },
      { name: 'before an offset', before: 8, limit: 2, want: { ids: ['m6', 'm7'], more: true } },
      { name: 'the last one down to the oldest kept has no more', before: 6, limit: 2, want: { ids: ['m4', 'm5'], more: false } },
      { name: 'fewer than asked for', before: 5, limit: 10, want: { ids: ['m4'], more: false } },
      { name: 'before the oldest kept: nothing', before: 4, limit: 10, want: { ids: [], more: false } },
      { name: 'before what was trimmed: nothing', before: 2, limit: 10, want: { ids: [], more: false } },
      { name: 'beyond the head: the newest', before: 99, limit: 1, want: { ids: ['m10'], more: true } },
      { name: 'all', before: null, limit: 100, want: { ids: ids('m', 10).slice(3), more: false } },
    ];
    it.each(pages)('page $name', async ({ before, limit, want }) => {
      await fill();
      const page: Page = await context.b.page('room', before, limit);
      expect({ ids: idsOf(page), more: page.more }).toEqual(want);
    });
  });

  describe('history by age', () => {
    it('lets messages go when they are too old, and tells it', async () => {
      const start = await context.a.head('room');
      await publishAll(context.a, 'room', ['old1', 'old2']);
      await context.harness.advance(LIMITS.history.maxAgeMs / 2);
      await publishAll(context.a, 'room', ['new1', 'new2']);
      await context.harness.advance(LIMITS.history.maxAgeMs / 2);
      expect(told(await context.b.read('room', start, 100))).toEqual({ gap: 'trimmed', to: 2 });
      expect(idsOf(await context.b.page('room', null, 100))).toEqual(['new1', 'new2']);
    });

    it('keeps the head when all messages are gone: who has seen it misses nothing', async () => {
      const [first, last] = await publishAll(context.a, 'room', ids('m', 2));
      await context.harness.advance(LIMITS.history.maxAgeMs);
      expect(await context.a.head('room')).toEqual(last?.position);
      expect(await context.a.page('room', null, 10)).toEqual({ messages: [], more: false });
      expect(told(await context.a.read('room', last?.position as Position, 10))).toEqual([]);
      expect(told(await context.a.read('room', first?.position as Position, 10))).toEqual({ gap: 'trimmed', to: 2 });
      expect(await context.a.publish('room', message('m3'))).toMatchObject({ position: { offset: 3 } });
    });
  });

  describe('limits changed while it runs', () => {
    it('fewer messages are kept at once', async () => {
      await publishAll(context.a, 'room', ids('m', 10));
      await context.harness.setLimits({ maxMessages: 2, maxAgeMs: 60_000 });
      expect(idsOf(await context.b.page('room', null, 100))).toEqual(['m9', 'm10']);
    });

    it('a shorter age holds at once', async () => {
      await publishAll(context.a, 'room', ids('m', 3));
      await context.harness.advance(1_000);
      await context.harness.setLimits({ maxMessages: 100, maxAgeMs: 1_000 });
      expect(idsOf(await context.b.page('room', null, 100))).toEqual([]);
    });

    it('more messages are kept from then on', async () => {
      await context.harness.setLimits({ maxMessages: 1, maxAgeMs: 60_000 });
      await publishAll(context.a, 'room', ids('m', 2));
      await context.harness.setLimits({ maxMessages: 3, maxAgeMs: 60_000 });
      await publishAll(context.a, 'room', ['m3', 'm4']);
      expect(idsOf(await context.b.page('room', null, 100))).toEqual(['m2', 'm3', 'm4']);
    });

    it('none are kept with a limit of 0, and the gap is told', async () => {
      await context.harness.setLimits({ maxMessages: 0, maxAgeMs: 60_000 });
      const start = await context.a.head('room');
      await publishAll(context.a, 'room', ids('m', 2));
      expect(told(await context.a.read('room', start, 10))).toEqual({ gap: 'trimmed', to: 2 });
    });
  });
}
