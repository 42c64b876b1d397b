import { describe, expect, test } from 'vitest';
import { Limiter } from '../../../../gateway/session/limiter.ts';
import { TokenBucket } from '../../../../gateway/session/token-bucket.ts';

const settings = {
  messageBytes: 1,
  messagesPerSecond: 10,
  channelsPerConnection: 3,
  queueBytes: 1,
  heartbeatMs: 1,
  pollTimeoutMs: 1,
};

describe('a token bucket', () => {
  test('lets a burst through, then its rate', () => {
    const bucket = new TokenBucket(3, 0);
    const take = (now: number) => bucket.take(10, 3, now);
    expect([take(0), take(0), take(0), take(0)]).toEqual([0, 0, 0, 100]);
    expect([take(50), take(100), take(100)]).toEqual([50, 0, 100]);
    expect([take(10_000), take(10_000), take(10_000), take(10_000)]).toEqual([0, 0, 0, 100]);
  });
});

describe('a connection', () => {
  test('may say twice its rate at once, and is told when it may say more', () => {
    const limiter = new Limiter(settings, 0);
    const kinds = Array.from({ length: 21 }, () => limiter.message(settings, 0));
    expect(kinds.filter(({ kind }) => kind === 'pass')).toHaveLength(20);
    expect(kinds.at(-1)).toEqual({ kind: 'later', retryAfterMs: 100 });
  });

  test('subscribes to all its channels for nothing, once', () => {
    const limiter = new Limiter(settings, 0);
    for (let n = 0; n < 20; n++) limiter.message(settings, 0);
    const kinds = () => Array.from({ length: 4 }, () => limiter.subscribe(settings, 0).kind);
    expect(kinds()).toEqual(['pass', 'pass', 'pass', 'later']);
    limiter.newPoll(settings);
    expect(kinds()).toEqual(['pass', 'pass', 'pass', 'later']);
  });

  test.each([
    { name: 'a tenth above its rate never counts as abuse', everyMs: 90, want: false },
    { name: 'ten times its rate does after a while', everyMs: 10, want: true },
  ])('$name', ({ everyMs, want }) => {
    const limiter = new Limiter(settings, 0);
    let abused = false;
    for (let now = 0; now < 120_000; now += everyMs) abused ||= limiter.message(settings, now).kind === 'abuse';
    expect(abused).toBe(want);
  });

  test('is held to be broken after more than ten messages that can not be read', () => {
    const limiter = new Limiter(settings, 0);
    expect(Array.from({ length: 11 }, () => limiter.unreadable()).indexOf(true)).toBe(10);
  });
});
