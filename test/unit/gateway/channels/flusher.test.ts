import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Flusher } from '../../../../gateway/channels/flusher.ts';
import { Latency } from '../../../../gateway/latency.ts';

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
const channel = (name: string, costMs = 0, writes = 1) => ({
  writes,
  notBefore: 0,
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
  const b = channel('b');
  b.flush = () => {
    log.push('b');
    flusher.queued(connection('socket'));
  };
  flusher.channel(channel('a'));
  flusher.channel(b);
  await vi.advanceTimersToNextTimerAsync();
  expect(log).toEqual(['a', 'b', 'socket']);
});

/** Flushes it until the cost of its writes is known. */
async function learn(costly: ReturnType<typeof channel>): Promise<void> {
  for (let n = 0; n < 100; n++) {
    flusher.channel(costly);
    await pass(200);
  }
  flusher.channel(costly);
  await vi.advanceTimersToNextTimerAsync();
  log = [];
}

describe('after its flush', () => {
  test.each([
    { name: 'a channel whose flush took 2 ms rests 6 ms', costMs: 2, restMs: 6 },
    { name: 'a channel whose flush took 5 ms rests 15 ms', costMs: 5, restMs: 15 },
    { name: 'a channel whose flush took 100 ms rests the most, 25 ms', costMs: 100, restMs: 25 },
  ])('$name', async ({ costMs, restMs }) => {
    const costly = channel('costly', costMs, 1_000);
    await learn(costly);
    flusher.channel(costly);
    await pass(restMs - 2);
    expect(log).toEqual([]);
    await pass(3);
    expect(log).toEqual(['costly alone']);
  });

  test('neither small channels nor connections wait for a large one', async () => {
    const large = channel('large', 5, 1_000);
    const small = channel('small', 0, 10);
    await learn(large);
    flusher.channel(large);
    for (let n = 0; n < 3; n++) {
      flusher.channel(small);
      flusher.queued(connection('acknowledgement'));
      await pass(1);
    }
    expect(log).toEqual(Array.from({ length: 3 }, () => ['small alone', 'acknowledgement']).flat());
    await pass(20);
    expect(log.at(-1)).toBe('large alone');
  });

  test('a channel that has nothing for longer than its rest does not wait', async () => {
    const costly = channel('costly', 5, 1_000);
    await learn(costly);
    await pass(20);
    flusher.channel(costly);
    await vi.advanceTimersToNextTimerAsync();
    expect(log).toEqual(['costly alone']);
  });

  test('one pause of the process does not make small channels rest', async () => {
    const small = channel('small', 0, 10);
    await learn(small);
    const paused = channel('paused', 30, 10);
    flusher.channel(paused);
    await pass(40);
    log = [];
    for (let n = 0; n < 3; n++) {
      flusher.channel(small);
      await pass(10);
    }
    expect(log).toHaveLength(3);
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

  test('is told to each who asks since that one asked last', () => {
    const latency = new Latency();
    const other = latency.reader();
    latency.record(100);
    expect(latency.takeP99()).toBeGreaterThanOrEqual(100);
    latency.record(5);
    expect(latency.takeP99()).toBeLessThan(10);
    expect(other.takeP99()).toBeGreaterThanOrEqual(100);
    expect(other.takeP99()).toBeNull();
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
