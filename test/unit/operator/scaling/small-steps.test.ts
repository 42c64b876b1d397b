import { describe, expect, it } from 'vitest';
import type { ScalingPolicy } from '../../../../operator/api/spec.ts';
import { changedWithin, MAX_CHANGES, notFrom, remembered } from '../../../../operator/scaling/changes.ts';
import { lineThrough } from '../../../../operator/scaling/line.ts';
import { neededWithin } from '../../../../operator/scaling/needed.ts';
import { sampled } from '../../../../operator/scaling/samples.ts';
import { measured, startTime } from '../../../../operator/scaling/starts.ts';
import { steady } from '../../../../operator/scaling/steady.ts';
import { NO_SPREAD } from '../../../../operator/scaling/zones.ts';
import type { Sample, ScalingMemory } from '../../../../operator/snapshot.ts';
import { gateway, spec } from '../../../fakes/chat-cluster.ts';

/** One sample a second, the last one second before `now`. */
const until = (now: number, connections: readonly number[]): Sample[] =>
  connections.map((each, i) => ({ at: now - 1_000 * (connections.length - i), connections: each }));

describe('changes', () => {
  const policies = (periodMs: number): { up: ScalingPolicy[]; down: ScalingPolicy[] } => ({
    up: [{ type: 'Pods', value: 1, periodMs }],
    down: [{ type: 'Pods', value: 1, periodMs }],
  });

  it('are never more than HPA could have made, and none is lost by that', () => {
    let changes: ScalingMemory['changes'] = { up: [], down: [] };
    for (let second = 0; second < 1_000; second++) {
      changes = remembered(changes, { current: second, desired: second + 1, now: second * 1_000 }, policies(1_800_000));
    }
    expect(changes.up.length).toBe(MAX_CHANGES);
    expect(changedWithin(changes.up, 999_000, 1_800_000)).toBe(1_000);
    // Those that became one are told within a twentieth of the time that they cover.
    expect(Math.abs(changedWithin(changes.up, 999_000, 500_000) - 500)).toBeLessThan(25);
  });

  it('count as made now when they come from a clock that was ahead', () => {
    const changes = { up: [{ at: 9_000, replicas: 2 }], down: [{ at: 1_000, replicas: 1 }] };
    expect(notFrom(changes, 5_000)).toEqual({ up: [{ at: 5_000, replicas: 2 }], down: [{ at: 1_000, replicas: 1 }] });
    expect(notFrom(changes, 9_000)).toBe(changes);
  });
});

describe('starts', () => {
  const started = (ordinal: number, ms: number | null) =>
    gateway({ ordinal, createdAt: 1_000, readyAt: ms === null ? null : 1_000 + ms, phase: ms === null ? 'starting' : 'ready' });

  it('of the five newest gateways count, the slowest of them decides', () => {
    const starts = measured(
      [],
      [started(7, 9_000), started(1, 60_000), started(2, 4_000), started(3, 5_000), started(4, 6_000), started(5, 7_000)],
    );
    expect(starts.map(({ ordinal }) => ordinal)).toEqual([2, 3, 4, 5, 7]);
    expect(startTime(starts)).toBe(9_000);
  });

  it('count as they were first seen, for a gateway may become ready again', () => {
    const starts = measured([], [started(1, 4_000)]);
    expect(measured(starts, [started(1, 90_000), started(2, null)])).toBe(starts);
  });

  it('take 15 s until one was seen, and never more than 5 minutes', () => {
    expect(startTime([])).toBe(15_000);
    expect(startTime(measured([], [started(1, 3_600_000)]))).toBe(300_000);
  });
});

describe('samples', () => {
  it('are a minute of them, one a round', () => {
    let samples: readonly Sample[] = [];
    for (let at = 0; at < 100_000; at += 250) samples = sampled(samples, { at, connections: at }, 1_000);
    expect(samples.length).toBe(60);
    expect(samples.at(-1)?.at).toBeGreaterThan(98_000);
    expect(samples[0]?.at).toBeGreaterThan(38_000);
  });

  it.each<[string, number, number, number]>([
    ['older ones are dropped after a pause', 1_000_000, 1_000, 1],
    ['but not in slow rounds', 1_000_000, 60_000, 4],
    ['all are when the clock was set back', 500, 1_000, 1],
  ])('%s', (_name, at, intervalMs, left) => {
    expect(sampled(until(4_000, [1, 2, 3]), { at, connections: 4 }, intervalMs).length).toBe(left);
  });
});

describe('what counts of a rise', () => {
  it.each<[string, readonly number[], number, number]>([
    ['all without a past', [], 500, 500],
    ['the mean, when it may be noise', [90, 110, 100, 95, 105], 112, 102],
    ['never more than there is', [90, 110, 100, 95, 105], 80, 80],
    ['all, when it is too far up for noise', [90, 110, 100, 95, 105], 126, 126],
    ['the lowest, when there are too few to know', [100, 96], 110, 96],
    ['all of a rush, also when there are too few', [100, 96], 126, 126],
    ['all, when a calm minute never had so many', Array(20).fill(100), 107, 107],
    ['all of a rise that goes on', [...Array(20).fill(100), 107, 114], 121, 121],
    ['all of a steady rise', Array.from({ length: 20 }, (_, i) => 1_000 + 10 * i), 1_200, 1_200],
    ['the mean, when a noisy minute had as many', [...Array(9).fill([90, 110]).flat(), 100, 100], 116, 101.06666666666666],
  ])('%s', (_name, past, connections, want) => {
    expect(steady(until(60_000, past), 60_000, connections)).toBe(want);
  });

  it('is not what was 15 s ago', () => {
    expect(steady([{ at: 45_000, connections: 10 }], 60_000, 12)).toBe(12);
    expect(steady([{ at: 45_001, connections: 10 }], 60_000, 12)).toBe(10);
  });
});

describe('a line', () => {
  it('has the slope of what grows evenly, without an error', () => {
    const line = lineThrough(until(0, [10, 13, 16, 19]));
    expect(line).toEqual({ slope: 3, error: 0, spread: 0 });
  });

  it('is none through too few, or through one moment', () => {
    expect(lineThrough(until(0, [1, 2]))).toBeNull();
    expect(lineThrough([1, 2, 3].map((connections) => ({ at: 5, connections })))).toBeNull();
  });
});

describe('tolerance', () => {
  const tolerant = (up: number | null, down: number | null) =>
    spec({
      gateway: { connectionsPerGateway: 500 },
      scaling: { tolerance: 0.05, scaleUp: { tolerance: up }, scaleDown: { tolerance: down } },
    });
  it.each<[string, number | null, number | null, number, number]>([
    ['that of both', null, null, 4_200, 10],
    ['that of both, exceeded', null, null, 4_201, 11],
    ['none upwards', 0, null, 4_001, 11],
    ['none upwards, and still downwards', 0, null, 3_800, 10],
    ['more downwards', null, 0.3, 2_800, 10],
    ['more downwards, exceeded', null, 0.3, 2_799, 7],
  ])('%s', (_name, up, down, connections, want) => {
    expect(neededWithin(tolerant(up, down), connections, 10, NO_SPREAD)).toBe(want);
  });
});
