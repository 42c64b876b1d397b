import { describe, expect, it } from 'vitest';
import type { HistoryLimits, Page, ReadResult, StoredMessage } from '../../../../../gateway/broker/broker.ts';
import { FIRST_DIGEST, nextDigest } from '../../../../../gateway/broker/digest.ts';
import { History } from '../../../../../gateway/broker/memory/history.ts';
import { asEpoch, asOffset, type Position } from '../../../../../protocol/position.ts';
import fc, { runs } from '../../../../setup/random-cases.ts';

const EPOCH = asEpoch('life');

/** All that was ever stored, in a plain array; what is kept is found anew each time. */
class NaiveHistory {
  readonly positions: Position[] = [{ epoch: EPOCH, offset: asOffset(0), digest: FIRST_DIGEST }];
  readonly messages: StoredMessage[] = [];
  /** The offset right before the oldest message kept. */
  floor = 0;

  get head(): Position {
    return this.positions[this.messages.length] as Position;
  }

  append(id: string, time: number): void {
    const position = { epoch: EPOCH, offset: asOffset(this.messages.length + 1), digest: nextDigest(this.head.digest, id) };
    this.positions.push(position);
    this.messages.push({ id, member: 'ann', data: '1', position, time });
  }

  trim({ maxMessages, maxAgeMs }: HistoryLimits, now: number): void {
    const young = this.messages.findIndex(({ time }) => now - time < maxAgeMs);
    this.floor = Math.max(this.floor, this.messages.length - maxMessages, young < 0 ? this.messages.length : young);
  }

  read(after: Position, limit: number): ReadResult {
    const floor = this.positions[this.floor] as Position;
    if (after.epoch !== EPOCH) return { kind: 'gap', reason: 'epoch', to: floor };
    if (after.offset < this.floor) return { kind: 'gap', reason: 'trimmed', to: floor };
    if (this.positions[after.offset]?.digest !== after.digest) return { kind: 'gap', reason: 'fork', to: this.head };
    return { kind: 'messages', messages: this.messages.slice(after.offset, after.offset + limit) };
  }

  page(before: number | null, limit: number): Page {
    const older = this.messages.slice(this.floor).filter(({ position }) => before === null || position.offset < before);
    return { messages: older.slice(Math.max(0, older.length - limit)), more: older.length > limit };
  }
}

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('append' as const), id: fc.string({ maxLength: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(40) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('limits' as const), maxMessages: fc.nat(12), maxAgeMs: fc.integer({ min: 1, max: 100 }) }),
  },
);
const question = fc.record({
  offset: fc.nat(60),
  limit: fc.nat(20),
  before: fc.option(fc.nat(60)),
  line: fc.constantFrom('same', 'other digest', 'other epoch'),
});

describe('History', () => {
  it('answers as a plain array of all messages does, whatever was stored, trimmed and waited for', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.array(question, { minLength: 1, maxLength: 20 }), (steps, questions) => {
        const history = new History(EPOCH);
        const naive = new NaiveHistory();
        let limits: HistoryLimits = { maxMessages: 10, maxAgeMs: 50 };
        let now = 0;
        for (const step of steps) {
          if (step.kind === 'wait') now += step.ms;
          if (step.kind === 'limits') limits = step;
          if (step.kind === 'append') {
            history.append({ id: step.id, member: 'ann', data: '1' }, now, now);
            naive.append(step.id, now);
          }
          history.trim(limits, now);
          naive.trim(limits, now);
        }
        expect(history.head).toEqual(naive.head);
        for (const { offset, limit, before, line } of questions) {
          const after: Position = {
            epoch: line === 'other epoch' ? asEpoch('another') : EPOCH,
            offset: asOffset(offset),
            digest: line === 'other digest' ? 'f0f0f0f0f0f0' : (naive.positions[offset]?.digest ?? ''),
          };
          expect(history.read(after, limit)).toEqual(naive.read(after, limit));
          expect(history.page(before, limit)).toEqual(naive.page(before, limit));
        }
      }),
      { numRuns: runs(300) },
    );
  });
});
