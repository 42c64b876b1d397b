import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PresenceKeeper } from '../../../../gateway/session/presence-keeper.ts';
import { SessionPresence } from '../../../../gateway/session/session-presence.ts';
import { FlakyBroker } from '../../../fakes/flaky-broker.ts';
import { silentLog } from '../../../fakes/silent-log.ts';

let broker: FlakyBroker;
let keeper: PresenceKeeper;

beforeEach(() => {
  vi.useFakeTimers();
  broker = new FlakyBroker();
  keeper = new PresenceKeeper({ broker, log: silentLog, now: () => performance.now(), random: () => 1, ttlMs: 60_000, graceMs: 10_000 });
  keeper.start();
});

afterEach(() => {
  keeper.close();
  vi.useRealTimers();
});

const ann = { member: 'ann', name: 'Ann', connection: 'gateway-1.x.7' };
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

async function present(channel = 'room', policy: ConstructorParameters<typeof SessionPresence>[1] = null): Promise<SessionPresence> {
  const presence = new SessionPresence(keeper, policy);
  await presence.join(channel, ann);
  return presence;
}

describe('a member', () => {
  test('is prolonged well before its time is over', async () => {
    await present();
    await pass(60_000);
    expect(broker.joins.length).toBeGreaterThanOrEqual(3);
    expect(broker.joins[1]).toEqual({ channel: 'room', entry: ann, ttlMs: 60_000 });
  });

  test('that leaves on purpose leaves at once', async () => {
    (await present()).end(true);
    await pass(0);
    expect(broker.leaves).toEqual([{ channel: 'room', member: 'ann', connection: 'gateway-1.x.7' }]);
    expect(keeper.size).toBe(0);
  });

  test('that was cut off leaves after the grace, and is not prolonged meanwhile', async () => {
    const presence = await present();
    await pass(15_000);
    presence.end(false);
    await pass(9_000);
    expect([broker.leaves.length, broker.joins.length]).toEqual([0, 1]);
    await pass(2_000);
    expect([broker.leaves.length, keeper.size]).toEqual([1, 0]);
  });

  test('that was asked to move is not prolonged for a while, so that the new connection keeps the presence; then it is again', async () => {
    const presence = await present();
    await pass(19_000);
    presence.yield();
    await pass(38_000);
    expect(broker.joins).toHaveLength(1);
    await pass(4_000);
    expect(broker.joins).toHaveLength(2);
  });

  test('is prolonged again after the broker was unavailable', async () => {
    await present();
    broker.unavailable = true;
    await pass(25_000);
    broker.unavailable = false;
    await pass(20_000);
    expect(broker.joins).toHaveLength(2);
  });

  test('of a poll is prolonged by polls alone', async () => {
    const presence = await present('room', { ttlMs: 45_000, refreshed: false });
    await pass(40_000);
    expect(broker.joins).toEqual([{ channel: 'room', entry: ann, ttlMs: 45_000 }]);
    await presence.join('room', ann);
    expect([broker.joins.length, keeper.size]).toEqual([2, 1]);
  });

  test('that joins after its session has ended is not kept', async () => {
    const presence = await present();
    presence.end(false);
    await presence.join('hall', ann);
    await pass(11_000);
    expect(broker.leaves.map(({ channel }) => channel)).toEqual(['room', 'hall']);
    expect(keeper.size).toBe(0);
  });

  test('leaves the channels that are not named any more', async () => {
    const presence = await present('room');
    await presence.join('hall', ann);
    presence.keepOnly(new Set(['hall']));
    await pass(0);
    expect(broker.leaves.map(({ channel }) => channel)).toEqual(['room']);
  });
});
