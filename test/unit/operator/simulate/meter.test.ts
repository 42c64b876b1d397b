import { describe, expect, it } from 'vitest';
import { type Instant, Meter } from '../../../../operator/simulate/meter.ts';
import { plot } from '../../../../operator/simulate/plot.ts';

const HOUR = 3_600_000;

const calm: Instant = {
  at: 0,
  clients: 100,
  connections: 100,
  gateways: 2,
  ready: 2,
  capacity: 200,
  held: 100,
  desired: 2,
  refused: 0,
  moved: 0,
  forced: 0,
  crashes: 0,
};

/** The figures of these instants, each `calm` but for what is given. */
function figures(instants: readonly Partial<Instant>[]) {
  const meter = new Meter(HOUR, 4);
  for (const instant of instants) meter.observe({ ...calm, ...instant });
  return meter.figures();
}

describe('the figures of a simulation', () => {
  it('are nothing when nothing was seen', () => {
    expect(figures([])).toMatchObject({ gatewayHours: 0, peakUtilization: 0, timeToCapacityMs: null, samples: [] });
  });

  it('count what runs, in hours, beside what the most would cost all the time', () => {
    const seen = figures([{ at: 0 }, { at: HOUR / 2, gateways: 6 }, { at: HOUR }]);
    expect(seen).toMatchObject({ gatewayHours: 4, fixedGatewayHours: 6, peakGateways: 6 });
  });

  it('measure utilisation over time and at its highest, of the gateways that take connections', () => {
    const seen = figures([
      { at: 0, held: 100 },
      { at: HOUR / 4, held: 200 },
      { at: HOUR, held: 0, capacity: 0 },
    ]);
    expect(seen).toMatchObject({ peakUtilization: 1, meanUtilization: 0.875 });
  });

  it('tell for how much of the wanted time clients were offline', () => {
    expect(figures([{ at: 0, clients: 100, connections: 50 }, { at: HOUR / 2 }, { at: HOUR }]).offline).toBe(0.25);
  });

  it('tell the most that were moved in a second', () => {
    expect(figures([{ at: 0 }, { at: 1_000, moved: 30 }, { at: 3_000, moved: 50 }])).toMatchObject({
      movedConnections: 50,
      peakMovedPerSecond: 30,
    });
  });

  it('measure the time from wanting more gateways to having them, once for a rise in several steps', () => {
    const seen = figures([
      { at: 0 },
      { at: 1_000, desired: 3 },
      { at: 2_000, desired: 4, ready: 3 },
      { at: 6_000, desired: 4, ready: 4 },
      { at: 7_000, desired: 5, ready: 4 },
      { at: 8_000, desired: 5, ready: 5 },
      { at: 9_000, desired: 4, ready: 5 },
    ]);
    expect(seen.timeToCapacityMs).toEqual({ mean: 3_000, max: 5_000 });
  });

  it('call a change that takes back the one before within ten minutes a flap', () => {
    const seen = figures([
      { at: 0, desired: 2 },
      { at: 1_000, desired: 3 },
      { at: 2_000, desired: 4 },
      { at: 3_000, desired: 3 }, // a flap
      { at: 603_000, desired: 4 }, // ten minutes later: none
    ]);
    expect(seen).toMatchObject({ changes: 4, flaps: 1 });
  });

  it('sample the highest of each span', () => {
    const seen = figures([
      { at: 0, connections: 7 },
      { at: 10, connections: 9 },
      { at: HOUR / 4, connections: 1, capacity: 300 },
    ]);
    expect(seen.samples).toEqual([
      { at: 0, clients: 100, connections: 9, capacity: 200, gateways: 2 },
      { at: HOUR / 4, clients: 100, connections: 1, capacity: 300, gateways: 2 },
    ]);
  });
});

describe('the plot', () => {
  it('shows connections as bars and capacity as a line above them', () => {
    const sample = (at: number, connections: number, capacity: number) => ({
      at: at * HOUR,
      clients: 0,
      gateways: 0,
      connections,
      capacity,
    });
    const samples = [0, 2, 4, 6, 8, 4].map((connections, i) => sample(i, connections, i < 3 ? 4 : 8));
    expect(plot(samples, 4).split('\n')).toEqual([
      '     8 ┤   ─█─', //
      '       ┤   ██ ',
      '       ┤──████',
      '     0 ┤ █████',
      '        0 h',
    ]);
  });
});
