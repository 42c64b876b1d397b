import { expect, test } from 'vitest';
import { planLoad } from '../../chaos/load/plan.ts';
import { planFaults } from '../../chaos/nemesis/plan.ts';
import { CHAOS_DEFAULTS, type ChaosArguments, type ChaosOptions, chaosOptions, REDIS_KINDS } from '../../chaos/options.ts';
import { planRun } from '../../chaos/plan-run.ts';
import { scenarioOf } from '../../chaos/redis/scenarios.ts';
import { planText } from '../../chaos/report.ts';

const options = (given: Partial<ChaosArguments> = {}): ChaosOptions => chaosOptions({ ...CHAOS_DEFAULTS, ...given });

test.each(REDIS_KINDS)('a seed repeats faults and load on %s', (redis) => {
  expect(planRun(options({ redis, seed: '4' }))).toEqual(planRun(options({ redis, seed: '4' })));
});

test('another seed leads to other faults and another load', () => {
  const [one, other] = [planRun(options({ seed: '1' })), planRun(options({ seed: '2' }))];
  expect(one.faults).not.toEqual(other.faults);
  expect(one.load.fingerprint).not.toBe(other.load.fingerprint);
});

test('faults of a lane come one after the other, and none in the last second', () => {
  const { faults } = planRun(options({ duration: '10m' }));
  for (const lane of ['gateways', 'servers', 'links']) {
    const own = faults.filter((fault) => fault.lane === lane);
    expect(own.length).toBeGreaterThan(40);
    for (const [at, fault] of own.entries()) expect(fault.at).toBeLessThan(own[at + 1]?.at ?? 599_000);
  }
});

test.each(REDIS_KINDS)('every fault that can happen to %s is planned in three runs of ten minutes', (redis) => {
  const { kinds } = scenarioOf(options({ redis }));
  const planned = [1, 2, 3].flatMap((seed) => planFaults(seed, 600_000, kinds));
  expect(new Set(planned.map(({ name }) => name))).toEqual(new Set(kinds.map(({ name }) => name)));
});

test('only faults are planned whose names have one of the parts', () => {
  const { faults } = planRun(options({ duration: '10m', faults: 'kill' }));
  expect([...new Set(faults.map(({ name }) => name))].sort()).toEqual([
    'kill a gateway',
    'kill connections',
    'kill redis',
    'kill redis and lose its disk',
  ]);
});

test('the load is about as lively as it was asked to be', () => {
  const { deeds } = planLoad(options({ rate: '200', duration: '60s' }));
  const published = deeds.filter(({ deed }) => deed.kind === 'publish').length;
  expect(published).toBeGreaterThan(9_000);
  expect(published).toBeLessThan(13_000);
});

test('each publishes only while its application runs, with an id of its own, in a channel that it is in; and whoever goes comes back', () => {
  const { deeds, persons } = planLoad(options());
  const gone = new Set<number>();
  const ids = new Set<string>();
  for (const { person, deed } of deeds) {
    if (deed.kind === 'quit') gone.add(person);
    if (deed.kind === 'return') gone.delete(person);
    if (deed.kind !== 'publish') continue;
    expect(gone.has(person)).toBe(false);
    expect(ids.has(deed.id)).toBe(false);
    ids.add(deed.id);
    expect(persons[person]?.channels).toContain(deed.channel);
  }
  expect(gone.size).toBe(0);
});

test('all the habits occur: some go offline, some are started anew, some leave a channel for a while; some poll', () => {
  const { deeds, persons } = planLoad(options());
  const kinds = new Set(deeds.map(({ deed }) => deed.kind));
  expect([...kinds].sort()).toEqual(['join', 'leave', 'offline', 'online', 'publish', 'quit', 'return']);
  expect(new Set(persons.map(({ transport }) => transport))).toEqual(new Set(['websocket', 'longpoll']));
});

test('a plan for people has a line a fault, and one for the load', () => {
  const plan = planRun(options({ duration: '20s' }));
  const lines = planText(plan).trimEnd().split('\n');
  expect(lines).toHaveLength(plan.faults.length + 1);
  expect(lines.at(-1)).toMatch(/^60 clients in 20 channels: .*\d+ publish.*\(fingerprint [0-9a-f]{10}\)$/);
});
