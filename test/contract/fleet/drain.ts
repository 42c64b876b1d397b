import { expect, it } from 'vitest';
import type { FleetHarness } from '../fleet.ts';
import { action, connections, drain, phase, ready, readyWith, shed, view } from './build.ts';

/** That a drain moves clients at its rate, closes the rest at its deadline, and can be undone. */
export function drainContract(harness: () => FleetHarness): void {
  it('drains: asks all to move, no faster than the rate, and closes none', async () => {
    const { fleet, clients, now } = harness();
    await readyWith(harness(), 30, 'chat-1', 'chat-2');
    const before = now();
    await fleet.apply(drain('chat-1', 30));
    const { cordoned, drain: draining } = await view(harness(), 'chat-1');
    expect({ cordoned, draining }).toMatchObject({ cordoned: true, draining: { ratePerSecond: 30, initial: 30 } });
    expect((draining?.deadlineAt ?? 0) - (draining?.startedAt ?? 0)).toBe(600_000);
    await clients.connect(5);
    await connections(harness(), 'chat-2', 35);
    // The rate may be missed by a tenth, and by the one that begins it.
    expect(now() - before).toBeGreaterThanOrEqual((29 / (30 * 1.1)) * 1000);
    await connections(harness(), 'chat-1', 0);
    expect([await clients.asked(), clients.moved(), clients.cutOff()]).toEqual([30, 30, 0]);
    expect((await view(harness(), 'chat-1')).phase).toBe('ready');
  });

  it('pauses a drain at rate 0, and goes on at another rate', async () => {
    const { fleet, clients } = harness();
    await readyWith(harness(), 20, 'chat-1', 'chat-2');
    await fleet.apply(drain('chat-1', 0));
    await clients.connect(20);
    await ready(harness(), 'chat-3');
    // How long that takes tells that time went by.
    await fleet.apply(drain('chat-2', 40));
    await connections(harness(), 'chat-3', 20);
    expect(clients.on('chat-1')).toBe(20);
    expect(await clients.asked()).toBe(20);
    await fleet.apply(drain('chat-1', 200));
    expect((await view(harness(), 'chat-1')).drain?.ratePerSecond).toBe(200);
    await connections(harness(), 'chat-1', 0);
    expect([clients.moved(), clients.cutOff()]).toEqual([40, 0]);
  });

  it('counts the deadline from the first drain, whatever later ones say', async () => {
    const { fleet, clients, until, now } = harness();
    await readyWith(harness(), 20, 'chat-1', 'chat-2');
    const before = now();
    await fleet.apply(drain('chat-1', 0, 1000));
    const first = (await view(harness(), 'chat-1')).drain;
    await fleet.apply(drain('chat-1', 0, 600_000));
    expect((await view(harness(), 'chat-1')).drain).toEqual(first);
    await until('the first is cut off', () => clients.cutOff() > 0);
    expect(now() - before).toBeGreaterThanOrEqual(1000);
    expect(now() - before).toBeLessThan(60_000);
    expect(await clients.asked()).toBe(0);
  });

  it('closes all that is left at the deadline; they come back elsewhere', async () => {
    const { fleet, clients } = harness();
    await readyWith(harness(), 20, 'chat-1', 'chat-2');
    await fleet.apply(drain('chat-1', 1000, 1));
    await connections(harness(), 'chat-2', 20);
    await connections(harness(), 'chat-1', 0);
    expect([await clients.asked(), clients.cutOff()]).toEqual([0, 20]);
  });

  it('undoes a drain: its deadline never comes, nobody else is asked, and those who were asked go', async () => {
    const { fleet, clients, until } = harness();
    await readyWith(harness(), 40, 'chat-1', 'chat-2');
    await fleet.apply(drain('chat-1', 20, 1000));
    await until('some are asked', async () => (await clients.asked()) > 0);
    await fleet.apply(action('uncordon', 'chat-1'));
    expect(await view(harness(), 'chat-1')).toMatchObject({ cordoned: false, drain: null });
    const asked = await clients.asked();
    await until('all who were asked moved', () => clients.moved() === asked);
    // Another one's deadline, which comes later, shows that this one's went by.
    await fleet.apply(action('cordon', 'chat-1'));
    const kept = clients.on('chat-1');
    await ready(harness(), 'chat-3');
    await fleet.apply(action('cordon', 'chat-2'));
    await clients.connect(20);
    await fleet.apply(action('uncordon', 'chat-2'));
    await fleet.apply(drain('chat-3', 0, 1000));
    await until('another is cut off', () => clients.cutOff() > 0);
    expect([clients.on('chat-1'), await clients.asked()]).toEqual([kept, asked]);
  });

  it('drains anew after a drain was undone, with a deadline of its own', async () => {
    const { fleet } = harness();
    await readyWith(harness(), 5, 'chat-1');
    await fleet.apply(drain('chat-1', 0, 300_000));
    await fleet.apply(action('uncordon', 'chat-1'));
    await fleet.apply(drain('chat-1', 0, 900_000));
    const draining = (await view(harness(), 'chat-1')).drain;
    expect((draining?.deadlineAt ?? 0) - (draining?.startedAt ?? 0)).toBe(900_000);
  });

  it('has nothing to shed in a drain, which ends a shed', async () => {
    const { fleet, clients } = harness();
    await readyWith(harness(), 20, 'chat-1', 'chat-2');
    await fleet.apply(shed('chat-1', 5, 0));
    await fleet.apply(drain('chat-1', 0));
    expect(await view(harness(), 'chat-1')).toMatchObject({ cordoned: true, shed: null });
    await fleet.apply(shed('chat-1', 5, 100));
    expect(await view(harness(), 'chat-1')).toMatchObject({ shed: null, drain: { ratePerSecond: 0 } });
    await fleet.apply(drain('chat-1', 200));
    await connections(harness(), 'chat-2', 20);
    expect(await clients.asked()).toBe(20);
  });

  it('knows that a gateway which drains is told to stop by somebody else: it can not be taken back', async () => {
    const { fleet, terminate, until } = harness();
    await readyWith(harness(), 10, 'chat-1', 'chat-2');
    await fleet.apply(drain('chat-1', 0));
    terminate('chat-1');
    await phase(harness(), 'chat-1', 'terminating');
    await fleet.apply(action('uncordon', 'chat-1'));
    await connections(harness(), 'chat-2', 10);
    await until('it has ended', async () => {
      const found = (await fleet.list()).find(({ name }) => name === 'chat-1');
      return found === undefined || found.phase === 'dead';
    });
  });

  it('lets a gateway that is told to stop by somebody else drain itself, and cuts nobody off', async () => {
    const { clients, until, terminate } = harness();
    await readyWith(harness(), 10, 'chat-1', 'chat-2');
    terminate('chat-1');
    // Whoever plans must know that it doesn't come back.
    await phase(harness(), 'chat-1', 'terminating');
    await connections(harness(), 'chat-2', 10);
    await until('it has ended', async () => {
      const found = (await harness().fleet.list()).find(({ name }) => name === 'chat-1');
      return found === undefined || found.phase === 'dead';
    });
    expect(clients.cutOff()).toBe(0);
    await harness().fleet.apply(action('delete', 'chat-1'));
    await phase(harness(), 'chat-1', 'gone');
  });
}
