import { expect, it } from 'vitest';
import type { FleetHarness } from '../fleet.ts';
import { action, connections, readyWith, shed, view } from './build.ts';

/** That a shed sets how many are still to move. */
export function shedContract(harness: () => FleetHarness): void {
  it('sheds so many as were set last, not their sum, and takes connections all the while', async () => {
    const { fleet, clients, until } = harness();
    await readyWith(harness(), 20, 'chat-1', 'chat-2');
    for (const count of [9, 4, 6, 6]) {
      await fleet.apply(shed('chat-1', count, 0));
      expect(await view(harness(), 'chat-1')).toMatchObject({ cordoned: false, drain: null, shed: { remaining: count, ratePerSecond: 0 } });
    }
    await fleet.apply(shed('chat-1', 6, 100));
    await until('they moved', () => clients.moved() === 6);
    await until('nothing is left to shed', async () => (await view(harness(), 'chat-1')).shed === null);
    expect(clients.on('chat-1') + clients.on('chat-2')).toBe(20);
    expect([await clients.asked(), clients.cutOff()]).toEqual([6, 0]);
    expect(await view(harness(), 'chat-1')).toMatchObject({ cordoned: false, drain: null });
  });

  it.each([
    { name: 'a shed of none', end: shed('chat-1', 0, 100) },
    { name: 'an uncordon', end: action('uncordon', 'chat-1') },
  ])('ends a shed by $name', async ({ end }) => {
    const { fleet, clients, until } = harness();
    await readyWith(harness(), 20, 'chat-1', 'chat-2');
    await fleet.apply(action('cordon', 'chat-1'));
    await clients.connect(10);
    await fleet.apply(shed('chat-1', 20, 20));
    await fleet.apply(end);
    expect((await view(harness(), 'chat-1')).shed).toBeNull();
    const asked = await clients.asked();
    // Another's shed, at the same rate, shows that there was time to go on with this one.
    await fleet.apply(shed('chat-2', 10, 20));
    await until('the other is done', async () => (await view(harness(), 'chat-2')).shed === null);
    expect(await clients.asked()).toBe(asked + 10);
  });

  it('sheds from a cordoned gateway what then cannot come back to it', async () => {
    const { fleet, clients } = harness();
    await readyWith(harness(), 10, 'chat-1', 'chat-2');
    await fleet.apply(action('cordon', 'chat-1'));
    await fleet.apply(shed('chat-1', 4, 100));
    await connections(harness(), 'chat-2', 4);
    await connections(harness(), 'chat-1', 6);
    expect([await clients.asked(), clients.cutOff()]).toEqual([4, 0]);
    expect(await view(harness(), 'chat-1')).toMatchObject({ cordoned: true });
  });
}
