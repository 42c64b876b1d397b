import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Flusher } from '../../../../gateway/channels/flusher.ts';
import { Latency } from '../../../../gateway/channels/latency.ts';

let now: number;
let flusher: Flusher;
let log: string[];

beforeEach(() => {
  vi.useFakeTimers();
  now = 0;
  log = [];
  flusher = new Flusher({ now: () => now, maxDelayMs: 25 });
});

afterEach(() => {
  flusher.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** A channel whose flush takes `costMs`. */
const channel = (name: string, costMs = 0) => ({
  flush(alone: boolean) {
    now += costMs;
    log.push(`${name}${alone ? ' alone' : ''}`);
  },
});
const connection = (name: string) => ({ writeQueued: () => void log.push(name) });

/** Lets the time pass, for the timers and for the flusher's clock. */
async function pass(ms: number): Promise<void> {
  for (let i = 0; i < ms; i++) {
    now++;
    await vi.advanceTimersByTimeAsync(1);
  }
}

test('a quiet channel is flushed at the end of the turn', async () => {
  flusher.channel(channel('a'));
  expect(log).toEqual([]);
  await vi.advanceTimersToNextTimerAsync();
  expect(log).toEqual(['a alone']);
});

test('channels of one turn are flushed together, then what they queued', async () => {
  const b = {
    flush() {
      log.push('b');
      flusher.queued(connection('socket'));
    },
  };
  flusher.channel(channel('a'));
  flusher.channel(b);
  await vi.advanceTimersToNextTimerAsync();
  expect(log).toEqual(['a', 'b', 'socket']);
});

describe('after a costly flush', () => {
  test.each([
    { costMs: 2, waitMs: 6 },
    { costMs: 5, waitMs: 15 },
    { costMs: 100, waitMs: 25 },
  ])('of $costMs ms channels rest $waitMs ms, connections do not', async ({ costMs, waitMs }) => {
    flusher.channel(channel('costly', costMs));
    await vi.advanceTimersToNextTimerAsync();
    flusher.channel(channel('next'));
    flusher.queued(connection('acknowledgement'));
    await pass(waitMs - 1);
    expect(log).toEqual(['costly alone', 'acknowledgement']);
    flusher.channel(channel('later'));
    await pass(2);
    expect(log.slice(2)).toEqual(['next', 'later']);
  });

  test('a channel that comes after the rest does not wait', async () => {
    flusher.channel(channel('costly', 5));
    await vi.advanceTimersToNextTimerAsync();
    await pass(20);
    flusher.channel(channel('next'));
    await vi.advanceTimersToNextTimerAsync();
    expect(log).toEqual(['costly alone', 'next alone']);
  });
});

describe('latency', () => {
  test('reads the 99th percentile within a tenth, and starts anew', () => {
    const latency = new Latency();
    expect(latency.takeP99()).toBeNull();
    for (let ms = 1; ms <= 1_000; ms++) latency.record(ms);
    const p99 = latency.takeP99() ?? 0;
    expect(p99).toBeGreaterThanOrEqual(990);
    expect(p99).toBeLessThan(990 * 1.1);
    expect(latency.takeP99()).toBeNull();
  });

  test.each([
    { name: 'a clock that is behind', values: [-5], want: 1 },
    { name: 'a minute and more', values: [200_000], want: 60_000 },
  ])('takes $name', ({ values, want }) => {
    const latency = new Latency();
    for (const value of values) latency.record(value);
    expect(latency.takeP99()).toBeGreaterThan(want * 0.85);
    expect(latency.takeP99()).toBeNull();
  });
});
