import { expect, test } from 'vitest';
import { CHAOS_DEFAULTS, type ChaosArguments, chaosOptions, commandLine } from '../../chaos/options.ts';

const words = (given: Partial<ChaosArguments>): ChaosArguments => ({ ...CHAOS_DEFAULTS, ...given });

test('the defaults are a run of a minute on one server', () => {
  const options = chaosOptions(words({}));
  expect(options).toMatchObject({ seed: 1, durationMs: 60_000, redis: 'server', durability: 'acknowledged', break: null, logFile: null });
  expect(options.faults).toEqual([]);
});

test.each<[Partial<ChaosArguments>, string]>([
  [{ seed: 'x' }, '--seed is "x": give a whole number from 0 to 4294967295.'],
  [{ seed: '-1' }, '--seed is "-1": give a whole number from 0 to 4294967295.'],
  [{ duration: '10' }, '--duration is "10": give a time from 1s to 2h, such as 90s or 10m.'],
  [{ duration: '100ms' }, '--duration is "100ms": give a time from 1s to 2h, such as 90s or 10m.'],
  [{ redis: 'mysql' }, '--redis is "mysql": give one of server, server-aof, sentinel, cluster.'],
  [{ durability: 'none' }, '--durability is "none": give one of acknowledged, replicated.'],
  [{ break: 'all' }, '--break is "all": give one of fill, digest, idempotency.'],
  [{ clients: '1' }, '--clients is "1": give a whole number from 2 to 1000.'],
  [{ rate: '0' }, '--rate is "0": give a whole number from 1 to 10000.'],
  [{ history: '5' }, '--history is "5": give a whole number from 10 to 100000.'],
  [{ durability: 'replicated' }, '--durability is "replicated", but --redis server has no replica: give --redis sentinel or cluster.'],
])('%j is refused with one line', (given, line) => {
  expect(() => chaosOptions(words(given))).toThrow(new RangeError(line));
});

test('all that is wrong is said at once', () => {
  expect(() => chaosOptions(words({ seed: '', gateways: '99' }))).toThrow(/^--seed is "".*\n--gateways is "99"/);
});

test('faults are chosen by parts of their names', () => {
  expect(chaosOptions(words({ faults: 'kill, cut a' })).faults).toEqual(['kill', 'cut a']);
});

test('the command line that repeats a run names what differs from the defaults, and always what matters most', () => {
  const given = words({ seed: '7', redis: 'cluster', rate: '50', faults: 'kill, cut', break: 'fill', log: 'x.jsonl' });
  expect(commandLine(given)).toBe("npm run chaos -- --seed 7 --duration 60s --redis cluster --rate 50 --faults 'kill, cut' --break fill");
});
