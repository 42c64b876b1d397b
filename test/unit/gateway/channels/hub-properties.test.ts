import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { nextDigest } from '../../../../gateway/broker/digest.ts';
import { type Position, samePosition } from '../../../../protocol/position.ts';
import type { Fate } from '../../../fakes/flaky-broker.ts';
import { startHub, type TestHub } from '../../../fakes/hub.ts';
import { RecordingSubscriber } from '../../../fakes/recording-subscriber.ts';
import fc, { runs } from '../../../setup/random-cases.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

type Step =
  | { kind: 'publish'; fate: Fate }
  | { kind: 'deliver-late' }
  | { kind: 'subscribe' }
  | { kind: 'resume'; from: number }
  | { kind: 'leave'; who: number }
  | { kind: 'lose-tail'; count: number }
  | { kind: 'start-anew' }
  | { kind: 'outage'; ms: number }
  | { kind: 'congest'; who: number }
  | { kind: 'wait'; ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ kind: fc.constant('publish' as const), fate: fc.constantFrom<Fate>('deliver', 'drop', 'late', 'twice') }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('deliver-late' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('subscribe' as const) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('resume' as const), from: fc.nat(100) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), who: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose-tail' as const), count: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('start-anew' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('outage' as const), ms: fc.integer({ min: 1, max: 3_000 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('congest' as const), who: fc.nat(20) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 300 }) }) },
);

/** Where a client stands after all it heard. Throws when anything did not follow what was before. */
function follow(subscriber: RecordingSubscriber): Position {
  let at = subscriber.asked;
  for (const message of subscriber.heard) {
    if (message.type === 'subscribed') {
      if (at === null) at = message.position;
      else if (message.recovered) expect(message.position).toEqual(at);
    } else if (message.type === 'gap') {
      expect(message.from).toEqual(at);
      at = message.to;
    } else if (message.type === 'message' && at !== null) {
      const { position, id } = message;
      expect([position.epoch, position.offset, position.digest]).toEqual([at.epoch, at.offset + 1, nextDigest(at.digest, id)]);
      at = position;
    }
  }
  if (at === null) throw new Error('never subscribed');
  return at;
}

async function play({ hub, broker }: TestHub, steps: readonly Step[]): Promise<RecordingSubscriber[]> {
  const here: RecordingSubscriber[] = [new RecordingSubscriber().subscribeTo(hub, 'room')];
  const positions: Position[] = [broker.headNow('room')];
  let id = 0;
  for (const each of steps) {
    const who = 'who' in each ? here[each.who % Math.max(1, here.length)] : undefined;
    if (each.kind === 'publish') positions.push(broker.store('room', `m${++id}`, each.fate).position);
    if (each.kind === 'deliver-late') broker.deliverLate('room');
    if (each.kind === 'subscribe') here.push(new RecordingSubscriber().subscribeTo(hub, 'room'));
    if (each.kind === 'resume') here.push(new RecordingSubscriber(positions[each.from % positions.length]).subscribeTo(hub, 'room'));
    if (each.kind === 'leave' && who !== undefined) {
      who.leave(hub);
      here.splice(here.indexOf(who), 1);
    }
    if (each.kind === 'lose-tail') broker.loseTail('room', each.count);
    if (each.kind === 'start-anew') broker.startAnew('room');
    if (each.kind === 'congest' && who !== undefined) who.congested = !who.congested;
    if (each.kind === 'wait') await vi.advanceTimersByTimeAsync(each.ms);
    if (each.kind === 'outage') {
      broker.unavailable = true;
      await vi.advanceTimersByTimeAsync(each.ms);
      broker.unavailable = false;
    }
  }
  return here;
}

test('whatever is dropped, repeated, late, lost or unavailable: each subscriber gets each message once and in order, or is told a gap', async () => {
  let gaps = 0;
  let fills = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 80 }), fc.integer({ min: 2, max: 40 }), async (steps, historyMessages) => {
      const test = startHub({ historyMessages, tail: { maxMessages: 6, maxBytes: 100_000 }, pageMessages: 4 });
      try {
        const here = await play(test, steps);
        for (const subscriber of here) subscriber.congested = false;
        test.broker.deliverLate('room');
        // Back-off, retries and the comparison of heads have all had their time by then.
        await vi.advanceTimersByTimeAsync(30_000);
        const head = test.broker.headNow('room');
        for (const subscriber of here) {
          const at = subscriber.heard.length > 0 ? follow(subscriber) : null;
          if (subscriber.failures > 0) continue;
          if (at === null || !samePosition(at, head))
            throw new Error(`stands at ${JSON.stringify(at)}, the head is ${JSON.stringify(head)}`);
        }
        gaps += test.counters.gaps;
        fills += test.counters.holesFilled;
      } finally {
        test.hub.close();
      }
      expect(vi.getTimerCount()).toBe(0);
    }),
    { numRuns: runs(300) },
  );
  // The property says something only if these happened.
  expect(Math.min(gaps, fills)).toBeGreaterThan(50);
}, 120_000);
