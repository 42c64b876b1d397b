import { describe, expect, it } from 'vitest';
import { type Instant, Meter } from '../../../../operator/simulate/meter.ts';
import { plot } from '../../../../operator/simulate/plot.ts';

const HOUR = 3_600_000;

const calm: Instant = {
  at: 0,
  clients: 100,
  connections: 100,
  gateways: 2,
  capacity: 200,
  held: 100,
  desired: 2,
  refused: 0,
  moved: 0,
  forced: 0,
  dropped: 0,
  crashes: 0,
};

/** The figures of these instants, each `calm` but for what is given. */
function figures(instants: readonly Partial<Instant>[], spikes: readonly number[] = []) {
  const meter = new Meter({ durationMs: HOUR, columns: 4, targetUtilization: 0.75, spikes });
  for (const instant of instants) meter.observe({ ...calm, ...instant });
  return meter.figures();
}

describe('the figures of a simulation', () => {
  it('are nothing when nothing was seen', () => {
    expect(figures([])).toMatchObject({ gatewayHours: 0, peakUtilization: 0, timeToCapacityMs: null, timeToDecisionMs: null, samples: [] });
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

  it('measure how long there was too little for the clients, at a tenth above the target', () => {
    const seen = figures([
      { at: 0, clients: 165 }, // 200 × 0.75 × 1.1
      { at: 1_000, clients: 166 },
      { at: 2_000, clients: 300, capacity: 300 },
      { at: 6_000, clients: 300, capacity: 400 },
      { at: 7_000, clients: 400, capacity: 400 },
      { at: 8_000, clients: 100, capacity: 400 },
      { at: 9_000, clients: 100, capacity: 100 }, // and still at the end
      { at: 12_000, clients: 100, capacity: 100 },
    ]);
    expect(seen.timeToCapacityMs).toEqual({ mean: 3_000, max: 5_000 });
  });

  it('measure the time from the beginning of a spike to the decision for more', () => {
    const seen = figures(
      [
        { at: 0, desired: 2 },
        { at: 1_000, desired: 3 }, // before it
        { at: 2_000, desired: 3 },
        { at: 3_000, desired: 2 },
        { at: 4_000, desired: 3 }, // no more than when it began
        { at: 5_000, desired: 4 },
      ],
      [1_500, 9_000],
    );
    expect(seen.timeToDecisionMs).toEqual({ mean: 3_500, max: 3_500 });
  });

  it('tell those that were dropped apart from those that were moved', () => {
    const seen = figures([{ at: 0 }, { at: 1_000, dropped: 5, forced: 2, moved: 3 }]);
    expect(seen).toMatchObject({ droppedConnections: 5, forcedConnections: 2, movedConnections: 3 });
    expect(seen.samples[0]).toMatchObject({ droppedPerSecond: 7, movedPerSecond: 3 });
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
    const still = { clients: 100, gateways: 2, desired: 2, movedPerSecond: 0, droppedPerSecond: 0 };
    expect(seen.samples).toEqual([
      { ...still, at: 0, connections: 9, capacity: 200, utilization: 0.5 },
      { ...still, at: HOUR / 4, connections: 1, capacity: 300, utilization: 1 / 3 },
    ]);
  });
});

describe('the plot', () => {
  it('shows connections as bars and capacity as a line above them', () => {
    const sample = (at: number, connections: number, capacity: number) => ({
      at: at * HOUR,
      clients: 0,
      gateways: 0,
      desired: 0,
      utilization: 0,
      movedPerSecond: 0,
      droppedPerSecond: 0,
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
