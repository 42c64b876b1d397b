import { describe, expect, it } from 'vitest';
import { AdmissionControl } from '../../../gateway/connection/admission-control.ts';
import { ConnectionTable } from '../../../gateway/connection/table.ts';
import { GatewayControl } from '../../../gateway/control.ts';
import { newCounters } from '../../../gateway/counters.ts';
import { Mover } from '../../../gateway/drain/mover.ts';
import { MovableConnection } from '../../fakes/movable-connection.ts';
import { VirtualClock } from '../../fakes/virtual-clock.ts';

function gateway(connections: number, stopping = false) {
  const clock = new VirtualClock();
  const table = new ConnectionTable();
  for (let i = 0; i < connections; i++) new MovableConnection(i, table, clock);
  const cordons: boolean[] = [];
  const stops: boolean[] = [];
  const control = new GatewayControl({
    settings: { name: 'g-1', revision: 'r1', maxConnections: 100, acceptRatePerSecond: 50 },
    table,
    admission: new AdmissionControl({ table, capacity: 100, ratePerSecond: 50, now: () => clock.now(), random: () => 0.5 }),
    mover: new Mover(table, clock),
    counters: newCounters(),
    eventLoop: { operator: { takeP99: () => 3 }, metrics: { takeP99: () => 9 } },
    deliveryLatency: { operator: { takeP99: () => null }, metrics: { takeP99: () => 7 } },
    startupMs: () => 120,
    now: () => clock.now(),
    stopping: () => stopping,
    watch: { status: 'ok' },
    stop: () => stops.push(true),
    cordonChanged: (cordoned) => cordons.push(cordoned),
  });
  return { clock, control, cordons, stops };
}

type Control = ReturnType<typeof gateway>['control'];

describe('control', () => {
  const cases: readonly { name: string; commands: readonly ((control: Control) => void)[]; want: object; cordons: readonly boolean[] }[] = [
    { name: 'accepts at first', commands: [], want: { state: 'accepting', drain: null, shed: null }, cordons: [] },
    { name: 'cordons once', commands: [(c) => c.cordon(), (c) => c.cordon()], want: { state: 'cordoned' }, cordons: [true] },
    {
      name: 'cordons what it drains',
      commands: [(c) => c.drain({ ratePerSecond: 5, timeoutMs: 1_000 })],
      want: { state: 'draining', drain: { ratePerSecond: 5, initial: 10, elapsedMs: 0, remainingMs: 1_000 } },
      cordons: [true],
    },
    {
      name: 'stays draining when it is cordoned again',
      commands: [(c) => c.drain({ ratePerSecond: 5, timeoutMs: 1_000 }), (c) => c.cordon()],
      want: { state: 'draining' },
      cordons: [true],
    },
    {
      name: 'takes all back',
      commands: [(c) => c.drain({ ratePerSecond: 5, timeoutMs: 1_000 }), (c) => c.uncordon(), (c) => c.uncordon()],
      want: { state: 'accepting', drain: null },
      cordons: [true, false],
    },
    {
      name: 'sheds without a cordon',
      commands: [(c) => c.shed({ count: 4, ratePerSecond: 5 })],
      want: { state: 'accepting', shed: { remaining: 4, ratePerSecond: 5 } },
      cordons: [],
    },
  ];
  it.each(cases)('$name', ({ commands, want, cordons: wanted }) => {
    const { control, cordons } = gateway(10);
    for (const command of commands) command(control);
    expect(control.status('metrics')).toMatchObject({ eventLoopDelayMs: 9, deliveryLatencyMs: 7 });
    expect(control.status()).toMatchObject({
      name: 'g-1',
      eventLoopDelayMs: 3,
      deliveryLatencyMs: null,
      revision: 'r1',
      connections: 10,
      capacity: 100,
      startupMs: 120,
      ...want,
    });
    expect(cordons).toEqual(wanted);
    control.uncordon();
  });

  it('that was told to stop goes on with it, whatever it is asked', () => {
    const { control, cordons } = gateway(10, true);
    control.drain({ ratePerSecond: 5, timeoutMs: 1_000 });
    control.uncordon();
    expect(control.status()).toMatchObject({ stopping: true, state: 'draining', drain: { ratePerSecond: 5 } });
    expect(cordons).toEqual([true]);
  });

  it('tells how much CPU time its process took', () => {
    const { user, system } = process.cpuUsage();
    expect(gateway(0).control.status().cpuMs).toBeGreaterThanOrEqual(Math.floor((user + system) / 1_000));
  });

  it('passes on that it is to stop', () => {
    const { control, stops } = gateway(0);
    control.stop();
    expect(stops).toHaveLength(1);
  });

  it('counts those that were asked and have not gone', () => {
    const { clock, control } = gateway(10);
    control.drain({ ratePerSecond: 100, timeoutMs: 60_000 });
    clock.advance(50);
    expect(control.status()).toMatchObject({ connections: 10, migrating: 4, migratedTotal: 4 });
    clock.advance(25);
    expect(control.status()).toMatchObject({ connections: 6, migrating: 0 });
    control.uncordon();
  });
});
