import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BrokerWatch } from '../../../gateway/broker-watch.ts';
import { FlakyBroker } from '../../fakes/flaky-broker.ts';
import { silentLog } from '../../fakes/silent-log.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** A watch of a broker that is away from the start, or not. `told` gathers what its listeners hear. */
function watching(away = false) {
  const broker = new FlakyBroker();
  broker.unavailable = away;
  const watch = new BrokerWatch({ broker, log: silentLog, now: () => performance.now() });
  const told: string[] = [];
  watch.listen({
    away: () => told.push('away'),
    returned: () => told.push('returned'),
    degraded: (degraded) => told.push(degraded ? 'degraded' : 'over'),
  });
  watch.start();
  return { broker, watch, told };
}

describe('a broker watch', () => {
  test('is silent while all is well', () => {
    const { watch, told } = watching();
    expect([watch.status, watch.degraded, watch.awayMs, watch.isReached, told]).toEqual(['ok', false, 0, true, []]);
  });

  test.each<{ name: string; steps: readonly (number | 'away' | 'back')[]; told: readonly string[] }>([
    { name: 'an outage of a second is told', steps: ['away', 1_000], told: ['away', 'degraded'] },
    { name: 'its end is told at once', steps: ['away', 5_000, 'back'], told: ['away', 'degraded', 'returned', 'over'] },
    { name: 'a blip is no news, but something may have been missed', steps: ['away', 999, 'back', 5_000], told: ['away', 'returned'] },
    {
      name: 'blips in a row are no news either',
      steps: ['away', 900, 'back', 'away', 900, 'back', 5_000],
      told: ['away', 'returned', 'away', 'returned'],
    },
    {
      name: 'each outage is told',
      steps: ['away', 2_000, 'back', 10, 'away', 1_000, 'back'],
      told: ['away', 'degraded', 'returned', 'over', 'away', 'degraded', 'returned', 'over'],
    },
  ])('$name', ({ steps, told: want }) => {
    const { broker, watch, told } = watching();
    for (const step of steps) {
      if (typeof step === 'number') vi.advanceTimersByTime(step);
      else broker.unavailable = step === 'away';
    }
    expect(told).toEqual(want);
    watch.close();
  });

  test('tells the state as it is at once, and since when', () => {
    const { broker, watch } = watching();
    broker.unavailable = true;
    vi.advanceTimersByTime(300);
    expect([watch.status, watch.degraded, watch.awayMs]).toEqual(['degraded', false, 300]);
    broker.unavailable = false;
    expect([watch.status, watch.awayMs]).toEqual(['ok', 0]);
  });

  test('knows whether the broker could ever be reached', async () => {
    const { broker, watch } = watching(true);
    let reached = false;
    void watch.reached.then(() => {
      reached = true;
    });
    await vi.advanceTimersByTimeAsync(60_000);
    expect([watch.isReached, reached, watch.status]).toEqual([false, false, 'degraded']);
    broker.unavailable = false;
    await watch.reached;
    broker.unavailable = true;
    expect(watch.isReached).toBe(true);
    watch.close();
  });

  test('tells nothing once it is closed', () => {
    const { broker, watch, told } = watching();
    broker.unavailable = true;
    watch.close();
    broker.unavailable = false;
    vi.advanceTimersByTime(5_000);
    expect(told).toEqual(['away']);
  });
});
