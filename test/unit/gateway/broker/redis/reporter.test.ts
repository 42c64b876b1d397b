import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../../../gateway/broker/redis/failure.ts';
import { Reporter } from '../../../../../gateway/broker/redis/reporter.ts';
import { newBrokerTelemetry } from '../../../../../gateway/broker/telemetry.ts';
import type { Logger } from '../../../../../gateway/logger.ts';

function setUp() {
  const lines: string[] = [];
  const keep =
    (level: string) =>
    (_fields: unknown, text: string): void => {
      lines.push(`${level} ${text}`);
    };
  const log = { debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') } as unknown as Logger;
  const telemetry = newBrokerTelemetry();
  const clock = { ms: 0 };
  return { lines, telemetry, clock, reporter: new Reporter(log, telemetry, () => clock.ms) };
}
const failure = (kind: Failure['kind'], text = `It is ${kind}.`): Failure => ({ kind, retry: true, text });

describe('the reporter', () => {
  it('counts each failure, and logs the first of its kind and place', () => {
    const { reporter, lines, telemetry } = setUp();
    for (let i = 0; i < 1_000; i++) reporter.failed('r:1', failure('connection'));
    reporter.failed('r:1', failure('timeout'));
    reporter.failed('r:2', failure('connection'));
    expect(lines).toEqual([
      'warn Redis at r:1: It is connection.',
      'warn Redis at r:1: It is timeout.',
      'warn Redis at r:2: It is connection.',
    ]);
    expect([...telemetry.failures]).toEqual([
      ['connection', 1_001],
      ['timeout', 1],
    ]);
  });

  it('logs again what still fails after half a minute', () => {
    const { reporter, lines, clock } = setUp();
    for (const ms of [0, 1, 29_999, 30_000, 30_001, 59_999, 60_000]) {
      clock.ms = ms;
      reporter.failed('r:1', failure('connection'));
    }
    expect(lines).toHaveLength(3);
  });

  it('tells that it is well again, after which the next failure is news', () => {
    const { reporter, lines } = setUp();
    reporter.failed('r:1', failure('connection'));
    reporter.failed('r:12', failure('connection'));
    reporter.healed('r:1', 'connected again.');
    reporter.failed('r:1', failure('connection'));
    reporter.failed('r:12', failure('connection'));
    expect(lines).toEqual([
      'warn Redis at r:1: It is connection.',
      'warn Redis at r:12: It is connection.',
      'info Redis at r:1: connected again.',
      'warn Redis at r:1: It is connection.',
    ]);
  });

  it('does not warn of slots that move: that is an operator at work', () => {
    const { reporter, lines, telemetry } = setUp();
    reporter.failed('r:1', failure('moved'));
    expect(lines).toEqual(['info Redis at r:1: It is moved.']);
    expect(telemetry.failures.get('moved')).toBe(1);
  });

  it.each(['ask', 'no-script'] as const)('takes %s for no failure', (kind) => {
    const { reporter, lines, telemetry } = setUp();
    reporter.failed('r:1', failure(kind));
    expect(lines).toEqual([]);
    expect(telemetry.failures.size).toBe(0);
  });

  it('warns of what an SRE should change', () => {
    const { reporter, lines } = setUp();
    reporter.warn('r:1', 'its maxmemory-policy is allkeys-lru.');
    expect(lines).toEqual(['warn Redis at r:1: its maxmemory-policy is allkeys-lru.']);
  });
});
