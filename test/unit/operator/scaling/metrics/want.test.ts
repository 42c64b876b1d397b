import { describe, expect, it } from 'vitest';
import type { FallbackSpec, GatewayFigure, MetricSpec, MetricTarget } from '../../../../../operator/api/spec.ts';
import type { GatewayLoad, GatewayView } from '../../../../../operator/fleet/fleet.ts';
import type { MetricReading } from '../../../../../operator/scaling/metrics/measured.ts';
import { metricsWant } from '../../../../../operator/scaling/metrics/want.ts';
import { cluster, gateway, type SpecChanges } from '../../../../fakes/chat-cluster.ts';
import fc from '../../../../setup/random-cases.ts';

const NOW = 10_000_000;
const FRESH_MS = 10_000;

const each = (value: number, full: number | null = null): MetricTarget => ({ kind: 'per-gateway', value, full });
const inAll = (value: number): MetricTarget => ({ kind: 'total', value });

const figure = (of: GatewayFigure, target: MetricTarget): MetricSpec => ({ name: of, source: { kind: 'gateways', figure: of }, target });

function query(name: string, target: MetricTarget): MetricSpec {
  const prometheus = {
    serverAddress: 'http://prometheus:9090',
    query: 'sum(queue)',
    intervalMs: 5_000,
    timeoutMs: 3_000,
    maxSampleAgeMs: 120_000,
    measures: null,
    caSecret: null,
    insecureSkipVerify: false,
    login: { kind: 'none' },
  } as const;
  return { name, source: { kind: 'prometheus', prometheus }, target };
}

/** A good answer of now, or of so long ago. */
const answered = (metric: string, value: number, agoMs = 0): MetricReading => ({
  metric,
  askedSince: 0,
  good: { value, at: NOW - agoMs },
  problem: null,
});
const failing = (metric: string, last: { readonly value: number; readonly agoMs: number } | null, askedAgoMs = 1_000): MetricReading => ({
  metric,
  askedSince: NOW - askedAgoMs,
  good: last === null ? null : { value: last.value, at: NOW - last.agoMs },
  problem: 'the query answers NaN',
});

const idle: GatewayLoad = {
  acceptsPerSecond: 0,
  latestAcceptsPerSecond: 0,
  latestLeavesPerSecond: 0,
  movesPerSecond: 0,
  messagesPerSecond: 0,
  eventLoopDelayMs: 0,
  cpuCores: 0,
};

/** A ready gateway that has told this lately. */
function telling(load: Partial<GatewayLoad> | null, changes: Partial<GatewayView> = {}): GatewayView {
  return gateway({ readyAt: 0, observedAt: NOW, load: load === null ? null : { ...idle, ...load }, ...changes });
}

const several = (n: number, load: Partial<GatewayLoad> = {}): GatewayView[] => Array.from({ length: n }, () => telling(load));

interface Input {
  readonly metrics: readonly MetricSpec[];
  readonly gateways?: readonly GatewayView[];
  readonly readings?: readonly MetricReading[];
  readonly current?: number;
  readonly scaling?: SpecChanges['scaling'];
}

function want({ metrics, gateways = several(4), readings = [], current = 4, scaling = {} }: Input) {
  const spec = { scaling: { minReplicas: 2, maxReplicas: 100, tolerance: 0.1, metrics, ...scaling } };
  const { replicas, reasons, told } = metricsWant({ cluster: cluster(spec), gateways, readings, now: NOW }, current, {}, FRESH_MS);
  return { replicas, reasons, missing: told.missing ?? [] };
}

const rate = figure('MessageRate', each(100));
const busy = (n: number, perSecond: number) => several(n, { messagesPerSecond: perSecond });
const unreachable = { phase: 'unreachable', observedAt: NOW - 60_000 } as const;
const starting = { phase: 'starting', readyAt: null, observedAt: null } as const;
const draining = { cordoned: true, drain: { ratePerSecond: 1, startedAt: 0, deadlineAt: NOW * 2, initial: 9 } } as const;

describe('a figure of the gateways asks for as many of them as HPA would', () => {
  it.each<[string, Input, number]>([
    ['above the target: more, rounded up', { metrics: [rate], gateways: busy(4, 130) }, 6],
    ['exactly at the target', { metrics: [rate], gateways: busy(4, 100) }, 4],
    ['within the tolerance above', { metrics: [rate], gateways: busy(4, 110) }, 4],
    ['just outside the tolerance above', { metrics: [rate], gateways: busy(4, 110.1) }, 5],
    ['within the tolerance below', { metrics: [rate], gateways: busy(4, 90) }, 4],
    ['below the target: fewer, rounded up', { metrics: [rate], gateways: busy(4, 55) }, 3],
    ['nothing to do at all', { metrics: [rate], gateways: busy(4, 0) }, 0],
    ['the tolerance of a scale-up is its own', { metrics: [rate], gateways: busy(4, 110), scaling: { scaleUp: { tolerance: 0 } } }, 5],
    [
      'the tolerance of a scale-down is its own',
      { metrics: [rate], gateways: busy(4, 90), scaling: { scaleDown: { tolerance: 0.01 } } },
      4,
    ],
    ['standby comes on top', { metrics: [rate], gateways: busy(4, 130), scaling: { standby: { gateways: 2 } } }, 8],
    [
      'standby is no part of what the load is spread over',
      { metrics: [rate], gateways: busy(4, 50), scaling: { standby: { gateways: 2 } } },
      4,
    ],
    ['CPU at a utilisation', { metrics: [figure('Cpu', each(0.7, 1))], gateways: several(4, { cpuCores: 0.95 }) }, 6],
    ['delay of the event loop', { metrics: [figure('EventLoopDelay', each(50))], gateways: several(4, { eventLoopDelayMs: 100 }) }, 8],
    [
      'connections',
      {
        metrics: [figure('Connections', each(100, 500))],
        gateways: [0, 1, 2, 3].map(() => gateway({ connections: 150, observedAt: NOW })),
      },
      6,
    ],
    [
      'accepts that are only moves are nobody new',
      { metrics: [figure('AcceptRate', each(10, 500))], gateways: several(4, { acceptsPerSecond: 60, movesPerSecond: 45 }) },
      6,
    ],
    [
      'more moves than accepts are no debt',
      { metrics: [figure('AcceptRate', each(10, 500))], gateways: several(4, { acceptsPerSecond: 5, movesPerSecond: 45 }) },
      0,
    ],
    [
      'what a new one does is of the whole window: those who were moved to it would count twice',
      {
        metrics: [rate],
        gateways: [...busy(4, 100), telling({ messagesPerSecond: 200 }, { ordinal: 5, readyAt: NOW - 2_000 })],
        current: 5,
      },
      5,
    ],
    ['one that starts is no part of it', { metrics: [rate], gateways: [...busy(3, 130), telling(null, starting)] }, 4],
    [
      'what one that leaves does, others will have to',
      { metrics: [rate], gateways: [...busy(3, 130), telling({ messagesPerSecond: 400 }, draining)] },
      8,
    ],
    [
      'but the delay of its event loop goes with it',
      {
        metrics: [figure('EventLoopDelay', each(50))],
        gateways: [...several(3, { eventLoopDelayMs: 50 }), telling({ eventLoopDelayMs: 900 }, draining)],
        current: 3,
      },
      3,
    ],
  ])('%s', (_, input, replicas) => {
    expect(want(input)).toMatchObject({ replicas, missing: [] });
  });
});

describe('a gateway that tells nothing', () => {
  it.each<[string, Input, number]>([
    ['is at its target before a scale-down', { metrics: [rate], gateways: [...busy(3, 50), telling(null, unreachable)] }, 3],
    [
      'is fully used before one, where that is known',
      { metrics: [figure('Cpu', each(0.5, 1))], gateways: [...several(3, { cpuCores: 0.2 }), telling(null)] },
      4,
    ],
    ['is nothing before a scale-up', { metrics: [rate], gateways: [...busy(3, 120), telling(null, unreachable)] }, 4],
    [
      'is at its last figure before a scale-up, if there is one',
      { metrics: [rate], gateways: [...busy(3, 120), telling({ messagesPerSecond: 300 }, unreachable)] },
      7,
    ],
    ['counts as such when it is old', { metrics: [rate], gateways: busy(4, 10).map((g) => ({ ...g, observedAt: NOW - FRESH_MS - 1 })) }, 4],
  ])('%s', (_, input, replicas) => {
    expect(want(input).replicas).toBe(replicas);
  });

  it('as all others: the metric is missing, and nothing is removed', () => {
    const result = want({ metrics: [rate], gateways: [telling(null), telling(null)], current: 4 });
    expect(result).toMatchObject({ replicas: 4, missing: ['MessageRate: none of 2 gateways tells anything'] });
  });

  it('when there is none: nothing is missing, and nothing is removed', () => {
    expect(want({ metrics: [rate], gateways: [telling(null, starting)], current: 4 })).toMatchObject({ replicas: 4, missing: [] });
  });
});

describe('a query', () => {
  const average = query('queue', each(100));
  const total = query('latency', inAll(50));
  const young = (n: number) => Array.from({ length: n }, () => telling({}, { readyAt: NOW - 5_000 }));
  it.each<[string, Input, number]>([
    ['AverageValue: what it answers, by the target', { metrics: [average], readings: [answered('queue', 730)] }, 8],
    ['AverageValue: fewer', { metrics: [average], readings: [answered('queue', 210)] }, 3],
    ['AverageValue: 0 is a value', { metrics: [average], readings: [answered('queue', 0)] }, 0],
    ['AverageValue: below 0 is nothing', { metrics: [average], readings: [answered('queue', -50)] }, 0],
    ['AverageValue: within the tolerance', { metrics: [average], readings: [answered('queue', 430)] }, 4],
    ['Value: in proportion to the gateways', { metrics: [total], readings: [answered('latency', 75)] }, 6],
    ['Value: within the tolerance', { metrics: [total], readings: [answered('latency', 54)] }, 4],
    ['Value: fewer', { metrics: [total], readings: [answered('latency', 20)] }, 2],
    // Else each second would multiply what the second before had ordered.
    [
      'Value: gateways that came too late to show in it do not multiply it',
      { metrics: [total], readings: [answered('latency', 75)], gateways: [...several(4), ...young(2)], current: 6 },
      6,
    ],
    [
      'Value: nor do those that drain divide it again',
      {
        metrics: [total],
        readings: [answered('latency', 25)],
        gateways: [...several(2), telling({}, draining), telling({}, draining)],
        current: 2,
      },
      2,
    ],
    ['Value: without any gateway one is counted', { metrics: [total], readings: [answered('latency', 500)], gateways: [], current: 2 }, 10],
    ['as old as two rounds it still counts', { metrics: [average], readings: [answered('queue', 100, 10_000)] }, 1],
  ])('%s', (_, input, replicas) => {
    expect(want(input)).toMatchObject({ replicas, missing: [] });
  });

  const hold: FallbackSpec = { type: 'Hold', replicas: null, afterMs: 300_000 };
  const five: FallbackSpec = { ...hold, type: 'Replicas', replicas: 5 };
  const least: FallbackSpec = { ...hold, type: 'ScheduleMinimum' };
  const late = 300_001;
  it.each<[string, readonly MetricReading[], FallbackSpec, number]>([
    ['failed just now: its last value removes nothing', [failing('queue', { value: 100, agoMs: 1 })], five, 4],
    ['but it still adds', [failing('queue', { value: 900, agoMs: 299_999 })], five, 9],
    ['never answered: as many as there are', [failing('queue', null)], five, 4],
    ['is not asked at all: as many as there are', [], five, 4],
    ['was asked, and is silent for too long: as many as there are', [{ ...failing('queue', null, 18_001), problem: null }], five, 4],
    ['is not asked any more: as many as there are', [answered('queue', 100, 18_001)], five, 4],
    ['Hold: adds no more after its time', [failing('queue', { value: 900, agoMs: late })], hold, 4],
    ['Hold: removes nothing after its time', [failing('queue', { value: 1, agoMs: late })], hold, 4],
    ['Hold: nor if it never answered', [failing('queue', null, late)], hold, 4],
    ['Replicas: the number, after its time', [failing('queue', { value: 900, agoMs: late })], five, 5],
    ['Replicas: also if it never answered', [failing('queue', null, late)], five, 5],
    ['ScheduleMinimum: the least, after its time', [failing('queue', { value: 900, agoMs: late })], least, 2],
    // A clock that was set back must not make an old value young for ever, nor drop it.
    ['answered in the future, by a clock that was set back', [failing('queue', { value: 900, agoMs: -5_000 })], hold, 9],
  ])('%s', (_, readings, fallback, replicas) => {
    const result = want({ metrics: [average], readings, scaling: { fallback } });
    expect(result.replicas).toBe(replicas);
    expect(result.missing).toHaveLength(1);
  });
});

it('a query that was only just asked holds, and nothing is missing', () => {
  const readings = [{ ...failing('queue', null, 18_000), problem: null }];
  expect(want({ metrics: [query('queue', each(100))], readings })).toEqual({
    replicas: 4,
    reasons: ['queue: Prometheus has not answered yet'],
    missing: [],
  });
});

describe('several metrics', () => {
  const queue = query('queue', each(100));
  it('the largest wins, and stands first', () => {
    const result = want({ metrics: [rate, queue], gateways: busy(4, 130), readings: [answered('queue', 900)] });
    expect(result).toEqual({
      replicas: 9,
      reasons: ['queue: 900 / 100 per gateway (225 % of the target): 9', 'MessageRate: 520 / 100 per gateway (130 % of the target): 6'],
      missing: [],
    });
  });

  it('one that is missing keeps the others from removing', () => {
    const result = want({ metrics: [rate, queue], gateways: busy(4, 10), readings: [failing('queue', { value: 10, agoMs: 8_000 })] });
    expect(result).toEqual({
      replicas: 4,
      reasons: [
        'queue is missing (the query answers NaN), 10 of 8 s ago counts for a scale-up: no scale-down',
        'MessageRate: 40 / 100 per gateway (10 % of the target): 1',
      ],
      missing: ['queue: the query answers NaN'],
    });
  });

  it('but not from adding', () => {
    expect(want({ metrics: [rate, queue], gateways: busy(4, 300), readings: [failing('queue', null)] }).replicas).toBe(12);
  });

  it('one that is missing changes nothing but that none is removed, whatever the others say', () => {
    const values = fc.array(fc.double({ min: 0, max: 2_000, noNaN: true }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 20 }), (given, current) => {
        const others = given.map((_, i) => query(`q${i}`, each(100)));
        const readings = given.map((value, i) => answered(`q${i}`, value));
        const without = want({ metrics: others, readings, current, gateways: several(current) }).replicas ?? 0;
        const lost = [...readings, failing('lost', null)];
        const result = want({ metrics: [...others, query('lost', each(1))], readings: lost, current, gateways: several(current) });
        expect(result.replicas).toBe(Math.max(without, current));
      }),
    );
  });

  it('none: nothing is asked for', () => {
    expect(want({ metrics: [] })).toEqual({ replicas: null, reasons: [], missing: [] });
  });
});
