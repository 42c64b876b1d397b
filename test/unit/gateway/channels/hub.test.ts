import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Position } from '../../../../protocol/position.ts';
import { HUB_OPTIONS, startHub, type TestHub, type TestHubOptions } from '../../../fakes/hub.ts';
import { RecordingSubscriber } from '../../../fakes/recording-subscriber.ts';

const hubs: TestHub[] = [];

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  for (const { hub } of hubs.splice(0)) hub.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

function start(options: TestHubOptions = {}): TestHub {
  const hub = startHub(options);
  hubs.push(hub);
  return hub;
}

const settle = (ms = 50) => vi.advanceTimersByTimeAsync(ms);
const subscriber = (position: Position | null = null) => new RecordingSubscriber(position);

/** A hub whose channel `room` is live, with one subscriber. */
async function live(options: TestHubOptions = {}): Promise<TestHub & { first: RecordingSubscriber }> {
  const test = start(options);
  const first = subscriber().subscribeTo(test.hub, 'room');
  await settle();
  return { ...test, first };
}

describe('live delivery', () => {
  test('many subscribers of a channel cost one subscription of the broker and get the same buffer', async () => {
    const { hub, broker, first } = await live();
    const others = Array.from({ length: 9 }, () => subscriber().subscribeTo(hub, 'room'));
    await settle();
    broker.store('room', 'm1');
    await settle();
    expect(broker.subscribes).toBe(1);
    for (const other of others) expect(other.buffers.at(-1)).toBe(first.buffers.at(-1));
    expect(first.ids).toEqual(['m1']);
  });

  test('messages of one turn go out together', async () => {
    const { broker, first } = await live();
    for (const id of ['m1', 'm2', 'm3']) broker.store('room', id);
    await settle();
    expect(first.ids).toEqual(['m1', 'm2', 'm3']);
    expect(first.buffers).toHaveLength(1);
  });

  test('who subscribes without a position and publishes in the same turn gets the own message', async () => {
    const { hub, broker } = start();
    const one = subscriber().subscribeTo(hub, 'room');
    broker.store('room', 'm1');
    await settle();
    const two = subscriber().subscribeTo(hub, 'room');
    broker.store('room', 'm2');
    await settle();
    expect([one.ids, two.ids]).toEqual([['m1', 'm2'], ['m2']]);
  });

  test('a hole is filled from the history before anything later is delivered', async () => {
    const { broker, counters, first } = await live();
    broker.store('room', 'm1');
    broker.store('room', 'm2', 'drop');
    broker.store('room', 'm3');
    await settle();
    expect(first.ids).toEqual(['m1', 'm2', 'm3']);
    expect(counters).toMatchObject({ holesFilled: 1, gaps: 0 });
  });

  test('repeated and late notifications are delivered once, in order', async () => {
    const { broker, first } = await live();
    broker.store('room', 'm1', 'late');
    broker.store('room', 'm2', 'twice');
    broker.deliverLate('room');
    broker.store('room', 'm3');
    await settle();
    expect(first.ids).toEqual(['m1', 'm2', 'm3']);
  });

  test('a hole that the history no longer holds is told as a gap, then the rest follows', async () => {
    const { broker, counters, first } = await live({ historyMessages: 2 });
    for (const id of ['m1', 'm2', 'm3']) broker.store('room', id, 'drop');
    broker.store('room', 'm4');
    await settle();
    expect(first.types).toEqual(['subscribed', 'gap', 'message', 'message']);
    expect(first.ids).toEqual(['m3', 'm4']);
    expect(counters.gaps).toBe(1);
  });

  test('a lost tail that was counted again is noticed by the very next message', async () => {
    const { broker, first } = await live();
    for (const id of ['m1', 'm2', 'm3']) broker.store('room', id);
    await settle();
    broker.loseTail('room', 2);
    broker.store('room', 'other2', 'drop');
    broker.store('room', 'other3', 'drop');
    broker.store('room', 'other4');
    await settle();
    expect(first.types).toEqual(['subscribed', 'message', 'message', 'message', 'gap']);
    expect(first.heard.at(-1)).toMatchObject({ from: { offset: 3 }, to: broker.headNow('room') });
  });

  test('a message that was held, taken in from the history and then lost is not taken in again', async () => {
    const { broker, first } = await live();
    broker.store('room', 'm1');
    broker.store('room', 'm2');
    broker.store('room', 'm3', 'drop');
    broker.store('room', 'm4', 'late');
    broker.loseTail('room', 2);
    broker.deliverLate('room');
    // The filling goes on for what m4 told of, and holds what comes meanwhile.
    broker.store('room', 'n3');
    await settle(30);
    broker.loseTail('room', 1);
    await settle(5_000);
    expect(first.types).toEqual(['subscribed', 'message', 'message', 'message', 'gap']);
    expect(first.heard.at(-1)).toMatchObject({ from: { offset: 3 }, to: broker.headNow('room') });
  });

  test('so is a tail that was longer than what is kept here, however few messages have come since', async () => {
    const { broker, first } = await live({ tail: { maxMessages: 2, maxBytes: 100_000 } });
    for (const id of ['m1', 'm2', 'm3', 'm4', 'm5', 'm6']) broker.store('room', id);
    await settle();
    broker.loseTail('room', 5);
    broker.store('room', 'n2');
    await settle();
    expect(first.heard.at(-1)).toMatchObject({ type: 'gap', from: { offset: 6 }, to: broker.headNow('room') });
  });

  test('a lost tail counts once, whoever comes back to it from it, and how many', async () => {
    const { hub, broker, counters } = await live({ tail: { maxMessages: 2, maxBytes: 100_000 } });
    const positions = ['m1', 'm2', 'm3', 'm4', 'm5', 'm6'].map((id) => broker.store('room', id).position);
    await settle();
    broker.loseTail('room', 5);
    for (const id of ['n2', 'n3', 'n4', 'n5', 'n6', 'n7']) broker.store('room', id, id === 'n7' ? 'deliver' : 'drop');
    await settle();
    expect(counters.forks, 'found by the next message').toBe(1);
    for (const position of [positions[5], positions[1]]) {
      const crowd = Array.from({ length: 100 }, () => subscriber(position).subscribeTo(hub, 'room'));
      await settle(200);
      for (const each of crowd) expect(each.types).toEqual(['subscribed', 'gap']);
    }
    expect(counters.forks, 'found in the history, twice').toBe(3);
    broker.store('room', 'n8');
    broker.store('room', 'n9');
    await settle();
    const lost = subscriber({ ...broker.headNow('room'), digest: 'lost' }).subscribeTo(hub, 'room');
    await settle();
    expect([lost.types, counters.forks], 'found in the tail').toEqual([['subscribed', 'gap'], 4]);
  });

  test('a filling goes on until the broker answers again', async () => {
    const { broker, first } = await live();
    broker.store('room', 'm1', 'drop');
    broker.unavailable = true;
    broker.store('room', 'm2');
    await settle(20_000);
    expect(first.ids).toEqual([]);
    broker.unavailable = false;
    await settle(6_000);
    expect(first.ids).toEqual(['m1', 'm2']);
  });

  test('a notification of what the history never shows holds nothing up for long', async () => {
    const { broker, first } = await live();
    broker.store('room', 'm1', 'drop');
    broker.store('room', 'ghost', 'late');
    broker.loseTail('room', 2);
    broker.deliverLate('room');
    await settle(3_000);
    broker.store('room', 'real');
    await settle();
    expect(first.ids).toEqual(['real']);
  });
});

describe('a quiet channel', () => {
  test('whose last notification was lost is found and filled', async () => {
    const { broker, first } = await live();
    broker.store('room', 'm1', 'drop');
    await settle(5_000);
    expect(first.ids).toEqual(['m1']);
  });

  test('whose tail was lost and counted again to the same offset is told a gap', async () => {
    const { broker, first } = await live();
    for (const id of ['m1', 'm2']) broker.store('room', id);
    await settle();
    broker.loseTail('room', 1);
    broker.store('room', 'other2', 'drop');
    await settle(5_000);
    expect(first.types.at(-1)).toBe('gap');
  });

  test('is not asked for more often than allowed', async () => {
    const { hub, broker } = start();
    for (let n = 0; n < 100; n++) subscriber().subscribeTo(hub, `c${n}`);
    await settle(20_000);
    expect(broker.heads).toBeGreaterThan(100);
    expect(broker.heads).toBeLessThanOrEqual(200);
  });
});

describe('a broker that was away', () => {
  /** A hub with quiet channels that each missed a message while the broker was away; nothing is due to be compared by itself. */
  async function missed(channels: number) {
    const test = start({ hub: { ...HUB_OPTIONS, headCheckMs: 3_600_000 } });
    const crowd = Array.from({ length: channels }, (_, n) => subscriber().subscribeTo(test.hub, `c${n}`));
    test.broker.watchHealth(({ kind }) => (kind === 'ok' ? test.hub.brokerReturned() : test.hub.brokerAway()));
    await settle(2_000);
    test.broker.unavailable = true;
    for (let n = 0; n < channels; n++) test.broker.store(`c${n}`, 'm1', 'drop');
    return { ...test, crowd };
  }

  test('is compared with in every channel soon, and paced', async () => {
    const { broker, crowd } = await missed(200);
    const { heads } = broker;
    broker.unavailable = false;
    await settle(1_000);
    expect(broker.heads - heads).toBeGreaterThan(20);
    expect(broker.heads - heads).toBeLessThanOrEqual(50);
    await settle(4_000);
    expect(broker.heads - heads).toBe(200);
    for (const each of crowd) expect(each.ids).toEqual(['m1']);
  });

  test('is not asked while it is away, and again once it is back, though it was asked in vain before', async () => {
    const { hub, broker, first } = await live();
    broker.unavailable = true;
    broker.store('room', 'm1', 'drop');
    await settle(5_000);
    // The hub was not told that it is away: it asks, and finds so.
    expect(broker.heads).toBeGreaterThan(0);
    hub.brokerAway();
    const { heads } = broker;
    await settle(10_000);
    expect(broker.heads).toBe(heads);
    broker.unavailable = false;
    hub.brokerReturned();
    await settle(1_000);
    expect(first.ids).toEqual(['m1']);
  });

  test('that is back and away again is not asked on', async () => {
    const { broker, crowd } = await missed(200);
    broker.unavailable = false;
    await settle(1_000);
    broker.unavailable = true;
    const { heads } = broker;
    await settle(5_000);
    expect(broker.heads).toBe(heads);
    broker.unavailable = false;
    await settle(5_000);
    for (const each of crowd) expect(each.ids).toEqual(['m1']);
  });

  test('is compared with also in a channel that nobody listened to just then, when somebody does again', async () => {
    const { hub, broker, crowd } = await missed(1);
    const [poll] = crowd;
    poll?.leave(hub);
    broker.unavailable = false;
    await settle(3_000);
    const next = subscriber().subscribeTo(hub, 'c0');
    await settle(2_000);
    expect(next.ids).toEqual(['m1']);
  });
});

describe('a comparison that fails', () => {
  test('is made again with the next sweep', async () => {
    const { broker, first } = await live();
    broker.store('room', 'm1', 'drop');
    const { head } = broker;
    let failures = 0;
    broker.head = (channel) => (++failures <= 2 ? Promise.reject(new Error('Not now.')) : head.call(broker, channel));
    await settle(6_000);
    expect([failures, first.ids]).toEqual([3, ['m1']]);
  });
});

describe('a resume', () => {
  test('from within the tail reads nothing', async () => {
    const { hub, broker } = await live();
    const at = broker.store('room', 'm1').position;
    for (const id of ['m2', 'm3']) broker.store('room', id);
    await settle();
    const resumed = subscriber(at).subscribeTo(hub, 'room');
    await settle();
    expect(resumed.ids).toEqual(['m2', 'm3']);
    expect(resumed.heard[0]).toMatchObject({ type: 'subscribed', position: at, recovered: true });
    expect(broker.reads).toBe(0);
  });

  test('of thousands at once, from many positions, costs the reads of one', async () => {
    const { hub, broker, counters } = start({ tail: { maxMessages: 10, maxBytes: 100_000 } });
    const positions = Array.from({ length: 120 }, (_, i) => broker.store('room', `m${i + 1}`).position);
    const crowd = Array.from({ length: 3_000 }, (_, i) => subscriber(positions[i % 100]).subscribeTo(hub, 'room'));
    await settle(500);
    // 50 messages a page: three pages hold what the first of them misses.
    expect(broker.reads).toBeLessThanOrEqual(4);
    expect(counters.historyReads).toBe(broker.reads);
    for (const [i, each] of crowd.entries()) {
      expect(each.ids).toEqual(Array.from({ length: 119 - (i % 100) }, (_, n) => `m${(i % 100) + n + 2}`));
    }
  });

  test('of one after the other, from the same position, reads once: what was read is kept', async () => {
    const { hub, broker } = start();
    const positions = Array.from({ length: 60 }, (_, i) => broker.store('room', `m${i + 1}`).position);
    const ids = Array.from({ length: 20 }, (_, i) => `m${i + 41}`);
    for (let n = 0; n < 10; n++) {
      const late = subscriber(positions[39]).subscribeTo(hub, 'room');
      await settle(20);
      expect(late.ids).toEqual(ids);
    }
    expect(broker.reads).toBe(1);
    broker.store('room', 'm61');
    const last = subscriber(positions[49]).subscribeTo(hub, 'room');
    await settle();
    expect(last.ids).toEqual([...ids.slice(10), 'm61']);
    expect(broker.reads).toBe(1);
  });

  test('of thousands from positions that are trimmed costs the reads of one', async () => {
    const { hub, broker } = start({ historyMessages: 5 });
    const positions = Array.from({ length: 50 }, (_, i) => broker.store('room', `m${i + 1}`).position);
    const crowd = Array.from({ length: 2_000 }, (_, i) => subscriber(positions[i % 40]).subscribeTo(hub, 'room'));
    await settle(500);
    expect(broker.reads).toBeLessThanOrEqual(2);
    for (const each of crowd) expect(each.ids).toEqual(['m46', 'm47', 'm48', 'm49', 'm50']);
  });

  test('goes on while the channel moves: live messages come after it, once', async () => {
    const { hub, broker, first } = await live({ tail: { maxMessages: 5, maxBytes: 100_000 }, pageMessages: 10 });
    const at = broker.store('room', 'm1').position;
    for (let n = 2; n <= 95; n++) broker.store('room', `m${n}`);
    await settle();
    const resumed = subscriber(at).subscribeTo(hub, 'room');
    for (let n = 96; n <= 300; n++) {
      broker.store('room', `m${n}`);
      await settle(1);
    }
    await settle(200);
    expect(first.ids).toHaveLength(300);
    expect(resumed.ids).toEqual(first.ids.slice(1));
  });

  test('that ends just when a message comes gets it once, as the others do', async () => {
    const { hub, broker, first } = await live({ tail: { maxMessages: 2, maxBytes: 100_000 } });
    const at = broker.store('room', 'm1').position;
    for (const id of ['m2', 'm3', 'm4']) broker.store('room', id);
    await settle();
    const answered = await broker.read('room', at, 50);
    let answer = () => {};
    broker.read = () => new Promise((resolve) => (answer = () => resolve(answered)));
    const resumed = subscriber(at).subscribeTo(hub, 'room');
    await settle();
    broker.store('room', 'm5');
    answer();
    await settle();
    expect(first.ids).toEqual(['m1', 'm2', 'm3', 'm4', 'm5']);
    expect(resumed.ids).toEqual(['m2', 'm3', 'm4', 'm5']);
  });

  test('from ahead of this gateway waits until it has caught up', async () => {
    const { hub, broker, first } = await live();
    broker.store('room', 'm1', 'late');
    const ahead = broker.store('room', 'm2', 'late').position;
    const resumed = subscriber(ahead).subscribeTo(hub, 'room');
    await settle(200);
    broker.deliverLate('room');
    broker.store('room', 'm3');
    await settle(200);
    expect(first.ids).toEqual(['m1', 'm2', 'm3']);
    expect(resumed.ids).toEqual(['m3']);
    expect(resumed.types).toEqual(['subscribed', 'message']);
  });

  test('with a full queue waits, and disturbs nobody', async () => {
    const { hub, broker, first } = await live({ tail: { maxMessages: 2, maxBytes: 100_000 } });
    const at = broker.store('room', 'm1').position;
    for (let n = 2; n <= 9; n++) broker.store('room', `m${n}`);
    await settle();
    const slow = subscriber(at);
    slow.congested = true;
    slow.subscribeTo(hub, 'room');
    broker.store('room', 'm10');
    await settle(1_000);
    expect([slow.heard, first.ids.length]).toEqual([[], 10]);
    slow.congested = false;
    await settle(1_000);
    expect(slow.ids).toEqual(first.ids.slice(1));
  });

  test('fails when the broker does not answer, and the others are not touched', async () => {
    const { hub, broker, first } = await live({ tail: { maxMessages: 1, maxBytes: 100_000 } });
    const at = broker.store('room', 'm1').position;
    for (const id of ['m2', 'm3', 'm4']) broker.store('room', id);
    await settle();
    broker.unavailable = true;
    const resumed = subscriber(at).subscribeTo(hub, 'room');
    await settle(100);
    expect([resumed.failures, first.failures]).toEqual([1, 0]);
    broker.store('room', 'm5');
    await settle();
    expect(first.ids.at(-1)).toBe('m5');
  });
});

describe('channels', () => {
  test('that everyone left linger, then are unsubscribed and forgotten with their tail', async () => {
    const { hub, broker, budget } = start();
    for (let round = 0; round < 5; round++) {
      const crowd = Array.from({ length: 1_000 }, (_, n) => subscriber().subscribeTo(hub, `c${round}-${n}`));
      await settle();
      broker.store(`c${round}-1`, 'm1');
      await settle();
      for (const each of crowd) each.leave(hub);
      await settle(3_000);
    }
    await settle(10_000);
    expect([hub.channels, budget.usedBytes]).toEqual([0, 0]);
    expect([broker.subscribes, broker.unsubscribes]).toEqual([5_000, 5_000]);
  });

  test('that someone comes back to in time stay', async () => {
    const { hub, broker, first } = await live();
    first.leave(hub);
    await settle(4_000);
    const back = subscriber().subscribeTo(hub, 'room');
    await settle(20_000);
    expect([back.isLive, broker.subscribes, broker.unsubscribes]).toEqual([true, 1, 0]);
  });

  test('that someone comes back to while they close are opened again', async () => {
    const { hub, broker, first } = await live();
    let ended = () => {};
    broker.unsubscribe = () => new Promise<void>((resolve) => (ended = resolve));
    first.leave(hub);
    await settle(7_000);
    const back = subscriber().subscribeTo(hub, 'room');
    await settle(100);
    expect(back.isLive).toBe(false);
    ended();
    await settle(100);
    broker.store('room', 'm1');
    await settle();
    expect([back.ids, broker.subscribes]).toEqual([['m1'], 2]);
  });

  test('that can not be opened fail their subscribers, and can be tried again', async () => {
    const { hub, broker } = start();
    broker.unavailable = true;
    const early = subscriber().subscribeTo(hub, 'room');
    await settle();
    expect([early.failures, hub.channels]).toEqual([1, 0]);
    broker.unavailable = false;
    const later = subscriber().subscribeTo(hub, 'room');
    await settle();
    expect(later.isLive).toBe(true);
  });
});
