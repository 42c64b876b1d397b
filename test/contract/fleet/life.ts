import { expect, it } from 'vitest';
import type { GatewayPhase } from '../../../operator/fleet/fleet.ts';
import type { FleetHarness } from '../fleet.ts';
import { action, connections, find, phase, ready, readyWith, shed, view } from './build.ts';

/** That gateways come to be, are shown while they exist, and end. */
export function lifeContract(harness: () => FleetHarness): void {
  it('shows a gateway from the moment that its creation resolved', async () => {
    const { fleet } = harness();
    const before = harness().now();
    await fleet.apply(action('create', 'chat-7'));
    expect(await fleet.list()).toMatchObject([
      {
        name: 'chat-7',
        ordinal: 7,
        revision: fleet.revision(),
        phase: 'starting',
        cordoned: false,
        drain: null,
        shed: null,
        connections: null,
        readyAt: null,
      },
    ]);
    await phase(harness(), 'chat-7', 'ready');
    const { createdAt, readyAt } = await view(harness(), 'chat-7');
    expect(createdAt).toBeGreaterThanOrEqual(before);
    expect(readyAt).toBeGreaterThan(createdAt);
  });

  it('creates a gateway once, however often it is told to, and with the settings of the first time', async () => {
    const { fleet, changeSettings } = harness();
    const old = fleet.revision();
    await Promise.all([fleet.apply(action('create', 'chat-1')), fleet.apply(action('create', 'chat-1'))]);
    changeSettings();
    expect(fleet.revision()).not.toBe(old);
    await fleet.apply(action('create', 'chat-1'));
    await fleet.apply(action('create', 'chat-2'));
    const shown = (await fleet.list()).map(({ name, revision }) => ({ name, revision }));
    expect(shown.sort((a, b) => a.name.localeCompare(b.name))).toEqual([
      { name: 'chat-1', revision: old },
      { name: 'chat-2', revision: fleet.revision() },
    ]);
  });

  it('counts the connections of each gateway', async () => {
    await readyWith(harness(), 12, 'chat-1', 'chat-2');
    const counted = async () => [(await view(harness(), 'chat-1')).connections ?? 0, (await view(harness(), 'chat-2')).connections ?? 0];
    await harness().until('12 and 0 are shown', async () => String(await counted()) === '12,0');
    await harness().clients.connect(8);
    await harness().until('all 20 are shown', async () => (await counted()).reduce((sum, count) => sum + count) === 20);
  });

  it('deletes: the gateway stops, is shown until it is gone, and its clients come back elsewhere', async () => {
    const { fleet, clients } = harness();
    await readyWith(harness(), 10, 'chat-1', 'chat-2');
    await fleet.apply(action('delete', 'chat-1'));
    expect(['terminating', undefined]).toContain((await find(harness(), 'chat-1'))?.phase);
    // Told again and again, it stops no later.
    await harness().until('chat-1 is gone', async () => {
      await fleet.apply(action('delete', 'chat-1'));
      return (await find(harness(), 'chat-1')) === undefined;
    });
    await connections(harness(), 'chat-2', 10);
    expect(clients.on('chat-1')).toBe(0);
    expect(clients.cutOff()).toBe(10);
    expect(await clients.asked()).toBe(0);
  });

  it('deletes a gateway that is not ready yet', async () => {
    const { fleet } = harness();
    await fleet.apply(action('create', 'chat-1'));
    await fleet.apply(action('delete', 'chat-1'));
    await phase(harness(), 'chat-1', 'gone');
  });

  it('shows a crash at once, without connections, until the record is deleted', async () => {
    const { fleet, clients, crash } = harness();
    await readyWith(harness(), 10, 'chat-1', 'chat-2');
    crash('chat-1');
    await phase(harness(), 'chat-1', 'dead');
    expect(await view(harness(), 'chat-1')).toMatchObject({ connections: 0, migrating: 0 });
    await connections(harness(), 'chat-2', 10);
    expect(clients.on('chat-1')).toBe(0);
    expect((await view(harness(), 'chat-1')).phase).toBe('dead');
    await fleet.apply(action('delete', 'chat-1'));
    await phase(harness(), 'chat-1', 'gone');
  });

  it('rejects what it cannot tell a gateway that does not answer, keeps its last number, and can still cordon and delete it', async () => {
    const { fleet, clients, until, freeze, thaw } = harness();
    await readyWith(harness(), 5, 'chat-1', 'chat-2');
    await until('5 are shown', async () => (await view(harness(), 'chat-1')).connections === 5);
    freeze('chat-1');
    await phase(harness(), 'chat-1', 'unreachable');
    expect((await view(harness(), 'chat-1')).connections).toBe(5);
    for (const command of [shed('chat-1', 3, 5), action('uncordon', 'chat-1')]) await expect(fleet.apply(command)).rejects.toThrow();
    await fleet.apply(action('cordon', 'chat-1'));
    expect(await view(harness(), 'chat-1')).toMatchObject({ phase: 'unreachable', cordoned: true });
    expect(clients.on('chat-1')).toBe(5);
    thaw('chat-1');
    await phase(harness(), 'chat-1', 'ready');
    await fleet.apply(action('cordon', 'chat-1'));
    expect((await view(harness(), 'chat-1')).cordoned).toBe(true);
    freeze('chat-1');
    await fleet.apply(action('delete', 'chat-1'));
    await phase(harness(), 'chat-1', 'gone');
    await connections(harness(), 'chat-2', 5);
  });

  it('tells watchers when a gateway gets ready, drains itself or dies, at a moment when the list shows it; until they end it', async () => {
    const { fleet, until, crash, terminate } = harness();
    const seen: { phase: GatewayPhase; cordoned: boolean }[] = [];
    const watching = new AbortController();
    let calls = 0;
    fleet.watch(() => {
      calls++;
      void fleet.list().then((all) => seen.push(...all.filter(({ name }) => name === 'chat-1')));
    }, watching.signal);
    const shown = (want: Partial<(typeof seen)[number]>, what: string) =>
      until(`a watcher saw ${what}`, () =>
        seen.some((was) => (want.phase ?? was.phase) === was.phase && (want.cordoned ?? was.cordoned) === was.cordoned),
      );
    await readyWith(harness(), 20, 'chat-1', 'chat-2');
    await shown({ phase: 'ready', cordoned: false }, 'it ready');
    terminate('chat-1');
    await shown({ cordoned: true }, 'that it drains itself');
    crash('chat-1');
    await shown({ phase: 'dead' }, 'it dead');
    watching.abort();
    calls = 0;
    crash('chat-2');
    await phase(harness(), 'chat-2', 'dead');
    expect(calls).toBe(0);
  });

  it('never tells one whose signal was aborted before', async () => {
    let calls = 0;
    harness().fleet.watch(() => calls++, AbortSignal.abort());
    await ready(harness(), 'chat-1');
    expect(calls).toBe(0);
  });
}
