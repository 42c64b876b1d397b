import { describe, expect, it } from 'vitest';
import type { MetricSpec, PrometheusSpec } from '../../../../../operator/api/spec.ts';
import { emptyScalingMemory } from '../../../../../operator/scaling/memory.ts';
import type { MetricReading } from '../../../../../operator/scaling/metrics/measured.ts';
import { recommend, type Scaled } from '../../../../../operator/scaling/recommend.ts';
import type { ScalingMemory } from '../../../../../operator/snapshot.ts';
import { cluster, gateway, type SpecChanges } from '../../../../fakes/chat-cluster.ts';

const prometheus: PrometheusSpec = {
  serverAddress: 'http://prometheus:9090',
  query: 'sum(queue)',
  intervalMs: 5_000,
  timeoutMs: 3_000,
  maxSampleAgeMs: 120_000,
  measures: 'Connections',
  caSecret: null,
  insecureSkipVerify: false,
  login: { kind: 'none' },
};
const queue: MetricSpec = {
  name: 'queue',
  source: { kind: 'prometheus', prometheus },
  target: { kind: 'per-gateway', value: 100, full: null },
};

/** A second of the operator's life: connections on each gateway, and what asking for the queue led to. */
interface Second {
  readonly connections?: number;
  readonly value?: number | null;
  readonly problem?: string | null;
}

/** Four gateways of 500 with a target of 80 %, which remove at once and never panic; a queue with a target of 100 for each. */
class Story {
  memory: ScalingMemory = { ...emptyScalingMemory(), desired: 4 };
  #now = 1_000_000;
  #good: MetricReading['good'] = null;
  readonly #scaling: NonNullable<SpecChanges['scaling']>;

  constructor(scaling: NonNullable<SpecChanges['scaling']> = {}) {
    this.#scaling = {
      minReplicas: 2,
      maxReplicas: 10,
      scaleDown: { stabilizationMs: 0 },
      panic: { threshold: 100 },
      metrics: [queue],
      ...scaling,
    };
  }

  after(seconds: number, { connections = 400, value = null, problem = null }: Second): Scaled['recommendation'] {
    this.#now += seconds * 1_000;
    if (value !== null) this.#good = { value, at: this.#now };
    const readings = [{ metric: 'queue', askedSince: 0, good: this.#good, problem }];
    const desired = this.memory.desired ?? 0;
    const gateways = Array.from({ length: desired }, (_, i) => gateway({ ordinal: i + 1, connections, observedAt: this.#now }));
    const chat = cluster({ gateway: { connectionsPerGateway: 500 }, scaling: this.#scaling });
    const scaled = recommend(
      { now: this.#now, cluster: chat, revision: 'r1', gateways, readings, drainRequests: [], takeBacks: [] },
      this.memory,
    );
    this.memory = scaled.memory;
    return scaled.recommendation;
  }

  desired(seconds: number, second: Second): number | null {
    this.after(seconds, second);
    return this.memory.desired;
  }
}

describe('a decision with metrics', () => {
  it('is the larger of what the connections and the metrics ask for', () => {
    const story = new Story();
    expect(story.desired(0, { connections: 100, value: 800 })).toBe(8);
    expect(story.desired(1, { connections: 350, value: 100 })).toBe(7);
    expect(story.desired(1, { connections: 0, value: 100 })).toBe(2);
  });

  it('tells who won first, and of all others too', () => {
    const story = new Story();
    expect(story.after(0, { connections: 100, value: 800 }).reasons.slice(0, 2)).toEqual([
      'queue: 800 / 100 per gateway (200 % of the target): 8',
      '400 connections / 400 per gateway',
    ]);
    expect(story.after(1, { connections: 400, value: 100 }).reasons.slice(0, 2)).toEqual([
      '3200 connections / 400 per gateway',
      'queue: 100 / 100 per gateway (13 % of the target): 1',
    ]);
  });

  it('removes nothing while one is missing, adds for the connections, and goes on when it is back', () => {
    const story = new Story();
    expect(story.desired(0, { connections: 400, value: 400 })).toBe(4);
    expect(story.desired(1, { connections: 0, problem: 'NaN' })).toBe(4);
    expect(story.desired(290, { connections: 0, problem: 'NaN' })).toBe(4);
    expect(story.desired(100_000, { connections: 0, problem: 'NaN' })).toBe(4);
    expect(story.desired(1, { connections: 600, problem: 'NaN' })).toBe(6);
    expect(story.after(1, { connections: 0, problem: 'NaN' })).toMatchObject({ kind: 'desired', desired: 6, missing: ['queue: NaN'] });
    const back = story.after(1, { connections: 0, value: 300 });
    expect(back).toMatchObject({ kind: 'desired', desired: 3 });
    expect(back).not.toHaveProperty('missing');
  });

  it('keeps to the limits, the policies and the windows whoever asks', () => {
    expect(new Story().desired(0, { value: 5_000 })).toBe(10);
    expect(new Story({ scaleUp: { policies: [{ type: 'Pods', value: 1, periodMs: 60_000 }] } }).desired(0, { value: 800 })).toBe(5);
    const patient = new Story({ scaleDown: { stabilizationMs: 60_000 } });
    expect([patient.desired(0, { value: 400 }), patient.desired(59, { connections: 0, value: 100 })]).toEqual([4, 4]);
    expect(patient.desired(1, { connections: 0, value: 100 })).toBe(2);
  });

  it('tells when the query and the gateways have disagreed for a minute', () => {
    const story = new Story();
    expect(story.after(0, { connections: 400, value: 400 })).not.toHaveProperty('disagreeing');
    expect(story.after(60, { connections: 400, value: 400 })).toMatchObject({
      disagreeing: ['queue: Prometheus answers 400, but the gateways themselves tell 1600 (Connections)'],
    });
    expect(story.after(1, { connections: 400, value: 1_600 })).not.toHaveProperty('disagreeing');
    expect(story.memory).not.toHaveProperty('differing');
  });
});
