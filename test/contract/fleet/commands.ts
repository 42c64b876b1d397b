import { expect, it } from 'vitest';
import type { FleetHarness } from '../fleet.ts';
import { action, drain, phase, ready, readyWith, shed, view } from './build.ts';

const COMMANDS = [action('cordon', 'chat-1'), action('uncordon', 'chat-1'), drain('chat-1', 5), shed('chat-1', 3, 5)];

/** That commands may be repeated, whatever became of their gateway; and that a cordon keeps connections out. */
export function commandsContract(harness: () => FleetHarness): void {
  it('ends in the same place when an action is applied again', async () => {
    const { fleet } = harness();
    await readyWith(harness(), 10, 'chat-1');
    const still = [
      action('create', 'chat-1'),
      action('cordon', 'chat-1'),
      action('uncordon', 'chat-1'),
      drain('chat-1', 0),
      shed('chat-1', 3, 0),
    ];
    for (const command of still) {
      await fleet.apply(action('uncordon', 'chat-1'));
      await fleet.apply(command);
      const { observedAt: _once, ...once } = await view(harness(), 'chat-1');
      await fleet.apply(command);
      const { observedAt: _twice, ...twice } = await view(harness(), 'chat-1');
      expect(twice, command.kind).toEqual(once);
    }
    expect(await fleet.list()).toHaveLength(1);
  });

  it('does nothing to a gateway that never was, or is gone', async () => {
    const { fleet } = harness();
    const all = [...COMMANDS, action('delete', 'chat-1')];
    for (const command of all) await fleet.apply(command);
    await ready(harness(), 'chat-1');
    await fleet.apply(action('delete', 'chat-1'));
    await phase(harness(), 'chat-1', 'gone');
    for (const command of all) await fleet.apply(command);
    expect(await fleet.list()).toEqual([]);
  });

  it('does nothing to a dead gateway but delete it', async () => {
    const { fleet, crash } = harness();
    await ready(harness(), 'chat-1');
    crash('chat-1');
    await phase(harness(), 'chat-1', 'dead');
    for (const command of [...COMMANDS, action('create', 'chat-1')]) {
      await fleet.apply(command);
      expect((await view(harness(), 'chat-1')).phase, command.kind).toBe('dead');
    }
    await fleet.apply(action('delete', 'chat-1'));
    await phase(harness(), 'chat-1', 'gone');
    await fleet.apply(action('delete', 'chat-1'));
  });

  it('is no error that the gateway stops meanwhile', async () => {
    const { fleet } = harness();
    await readyWith(harness(), 3, 'chat-1');
    await Promise.all([fleet.apply(action('delete', 'chat-1')), ...COMMANDS.map((command) => fleet.apply(command))]);
    await phase(harness(), 'chat-1', 'gone');
  });

  it('cordons: no new connection from then on, and its own stay; until it is undone', async () => {
    const { fleet, clients } = harness();
    await readyWith(harness(), 10, 'chat-1', 'chat-2');
    await fleet.apply(action('cordon', 'chat-1'));
    await clients.connect(30);
    expect([clients.on('chat-1'), clients.on('chat-2')]).toEqual([10, 30]);
    expect(await view(harness(), 'chat-1')).toMatchObject({ phase: 'ready', cordoned: true, drain: null });
    await fleet.apply(action('uncordon', 'chat-1'));
    expect(await view(harness(), 'chat-1')).toMatchObject({ cordoned: false });
    await clients.connect(20);
    expect(clients.on('chat-1')).toBeGreaterThan(10);
    expect(clients.on('chat-1') + clients.on('chat-2')).toBe(60);
    expect([await clients.asked(), clients.cutOff()]).toEqual([0, 0]);
  });

  it('keeps connections from a gateway that was cordoned or drained before it was ready', async () => {
    const { fleet, clients } = harness();
    for (const gateway of ['chat-1', 'chat-2', 'chat-3']) await fleet.apply(action('create', gateway));
    await fleet.apply(action('cordon', 'chat-1'));
    await fleet.apply(drain('chat-2', 5));
    for (const gateway of ['chat-1', 'chat-2', 'chat-3']) await phase(harness(), gateway, 'ready');
    await clients.connect(15);
    expect(['chat-1', 'chat-2', 'chat-3'].map((gateway) => clients.on(gateway))).toEqual([0, 0, 15]);
    expect(await view(harness(), 'chat-2')).toMatchObject({ cordoned: true, drain: { ratePerSecond: 5, initial: 0 } });
  });
}
