import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultsOf, NO_FAULTS } from '../../kube/load-faults.ts';
import { holderOf, killOperators } from '../../kube/operator-kills.ts';
import { OperatorWorld } from '../../kube/operator-world.ts';
import { until } from '../../servers/until.ts';

const TEST_MS = 300_000;
const WAIT_MS = 30_000;

describe('operators that come and go, and an API server that does', () => {
  let world: OperatorWorld;
  beforeAll(async () => {
    world = await OperatorWorld.open();
  }, TEST_MS);
  afterAll(() => world.stop());

  it('acts once: a second one waits, and takes over when the first stops or stands still', { timeout: TEST_MS }, async () => {
    const chat = await world.subject();
    const first = await world.operator('first', [chat]);
    await first.ready();
    await until('the first holds the lease', WAIT_MS, async () => (await holderOf(world, chat)) === 'first' || undefined);
    const second = await world.operator('second', [chat]);
    await second.ready();
    await chat.apply('');
    await chat.settled(2);
    expect(second.log().filter(({ action }) => action !== undefined)).toEqual([]);

    await until('the first holds the lease', WAIT_MS, async () => (await holderOf(world, chat)) === 'first' || undefined);
    // It stands still for longer than the lease lasts, and wakes into a world that has another operator.
    first.pause();
    await until('the second took over', WAIT_MS, async () => (await holderOf(world, chat)) === 'second' || undefined);
    await chat.apply('scaling: {minReplicas: 3}');
    await chat.settled(3);
    const before = first.log().length;
    first.resume();
    await until(
      'the first knows',
      WAIT_MS,
      async () =>
        first
          .log()
          .slice(before)
          .some(({ msg }) => msg.startsWith('the lease is no longer ours')) || undefined,
    );
    await chat.apply('');
    await chat.settled(2);
    expect(
      first
        .log()
        .slice(before)
        .filter(({ action }) => action !== undefined),
    ).toEqual([]);
    expect(await holderOf(world, chat)).toBe('second');

    const stopping = second.stop();
    const began = performance.now();
    await until('the first took over', WAIT_MS, async () => (await holderOf(world, chat)) === 'first' || undefined);
    // It was given up, not waited for.
    expect(performance.now() - began).toBeLessThan(2_500);
    expect(await stopping).toBe('exit code 0');
    await first.stop();
  });

  it('ends in the same place when operators are killed at random moments', { timeout: TEST_MS }, async () => {
    const chat = await world.subject();
    const { verdict, steps } = await killOperators(world, chat, { kills: 3, seed: 7, clients: 40, say: () => undefined });
    expect(faultsOf(verdict)).toEqual(NO_FAULTS);
    expect(steps).toBeGreaterThanOrEqual(4);
  });

  it('goes on with a drain when the API server died in it and came back', { timeout: TEST_MS }, async () => {
    const chat = await world.subject();
    const operator = await world.operator('survivor', [chat]);
    await operator.ready();
    await chat.apply('scaling: {minReplicas: 3}\ndrain: {maxConnectionsPerSecond: 5}');
    await chat.settled(3);
    const end = new AbortController();
    const load = chat.load({ clients: '60', channels: '6', rate: '40' }, end.signal);
    await chat.clients(60);
    await chat.apply('drain: {maxConnectionsPerSecond: 5}');
    await chat.until('a drain', ({ drains = [] }) => drains.some(({ ratePerSecond }) => ratePerSecond > 0));
    await world.plane.kill9('apiserver');
    await sleep(2_000);
    await world.plane.start('apiserver');
    await chat.settled(2);
    end.abort();
    expect(faultsOf(await load)).toEqual(NO_FAULTS);
    expect(operator.running).toBe(true);
    expect((await operator.get('/healthz')).status).toBe(200);
  });
});
