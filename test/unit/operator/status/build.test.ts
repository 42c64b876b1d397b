import { describe, expect, it } from 'vitest';
import type { Controls } from '../../../../operator/api/spec.ts';
import type { GatewayView } from '../../../../operator/fleet/fleet.ts';
import type { Recommendation } from '../../../../operator/snapshot.ts';
import { buildStatus, type StatusInput } from '../../../../operator/status/build.ts';
import type { ClusterStatus, Condition, Decision } from '../../../../operator/status/status.ts';
import { cluster, gateway } from '../../../fakes/chat-cluster.ts';

const decided = (desired: number): Recommendation => ({ kind: 'desired', desired, needed: desired, reasons: ['the load'] });

function input(gateways: readonly GatewayView[], changes: Partial<StatusInput> = {}): StatusInput {
  return {
    snapshot: { now: 100_000, cluster: cluster(), revision: 'r1', gateways, drainRequests: [], takeBacks: [] },
    recommendation: decided(2),
    desired: 2,
    waiting: [],
    rollout: { kind: 'none' },
    actions: [],
    failures: [],
    problems: [],
    decisions: [],
    movedPerSecond: 0,
    deliveryLatencyMs: null,
    previous: null,
    ...changes,
  };
}

const draining = (changes: Partial<GatewayView> = {}, ratePerSecond = 50) =>
  gateway({
    ordinal: 3,
    cordoned: true,
    connections: 100,
    drain: { ratePerSecond, startedAt: 90_000, deadlineAt: 150_000, initial: 400 },
    ...changes,
  });

const decision = (at: number, reason: string): Decision => ({
  at,
  kind: 'drain',
  gateway: 'chat-3',
  summary: 'drain chat-3',
  reasons: [reason],
});

const controlled = (controls: Partial<Controls>, mode: 'Auto' | 'External' = 'Auto'): Partial<StatusInput> => {
  const chat = cluster({ scaling: { mode } });
  const base = input([gateway()]).snapshot;
  return { snapshot: { ...base, cluster: { ...chat, controls: { ...chat.controls, ...controls } } } };
};

describe('buildStatus', () => {
  it('tells the limits that were decided by', () => {
    const inForce = { ...input([]).snapshot, cluster: cluster({ scaling: { minReplicas: 4, maxReplicas: 9 } }) };
    expect(buildStatus(input([], { snapshot: inForce })).limits).toEqual({ min: 4, max: 9 });
  });

  it('adds up what is there: no dead gateway, and room only where connections are taken', () => {
    const gateways = [
      gateway({ ordinal: 2, connections: 300 }),
      gateway({ ordinal: 1, connections: 100 }),
      draining(),
      gateway({ ordinal: 4, phase: 'unreachable', connections: 50 }),
      gateway({ ordinal: 5, phase: 'dead', connections: 70 }),
      gateway({ ordinal: 6, phase: 'starting', connections: null }),
    ];
    const status = buildStatus(input(gateways, { movedPerSecond: 12, deliveryLatencyMs: 3 }));
    expect(status).toMatchObject({
      name: 'chat',
      at: 100_000,
      desired: 2,
      connections: 550,
      capacity: 1_000,
      movedPerSecond: 12,
      deliveryLatencyMs: 3,
    });
    expect(status.gateways.map((g) => [g.name, g.state])).toEqual([
      ['chat-1', 'ready'],
      ['chat-2', 'ready'],
      ['chat-3', 'draining'],
      ['chat-4', 'unreachable'],
      ['chat-5', 'dead'],
      ['chat-6', 'starting'],
    ]);
  });

  it('survives JSON', () => {
    const status = buildStatus(input([gateway(), draining()]));
    expect(JSON.parse(JSON.stringify(status))).toEqual(status);
  });

  it.each<[string, GatewayView, number | null]>([
    ['at its pace', draining(), 2_000],
    ['when it is paused', draining({}, 0), null],
    ['when nothing is left, paused or not', draining({ connections: 0 }, 0), 0],
    ['from what it held, while it gives no count', draining({ connections: null }), 8_000],
  ])('tells how long a drain takes %s', (_name, view, etaMs) => {
    expect(buildStatus(input([view])).drains).toMatchObject([{ gateway: 'chat-3', initial: 400, etaMs }]);
  });

  it.each<[string, Partial<StatusInput>, string]>([
    [
      'the decision that began it, not from one that changed its rate, nor from an earlier drain',
      { decisions: [decision(95_000, 'the budget is shared anew'), decision(89_000, 'asked for'), decision(1_000, 'an earlier one')] },
      'asked for',
    ],
    [
      'the status before',
      { previous: { drains: [{ gateway: 'chat-3', startedAt: 90_000, reason: 'old revision' }] } as unknown as ClusterStatus },
      'old revision',
    ],
    ['nobody: a gateway that got SIGTERM', {}, 'it drains itself'],
  ])('takes the reason of a drain from %s', (_name, changes, want) => {
    expect(buildStatus(input([draining()], changes)).drains[0]?.reason).toBe(want);
  });

  describe('conditions', () => {
    const two = [gateway({ ordinal: 1, connections: 10 }), gateway({ ordinal: 2, connections: 20 })];
    it.each<[string, Condition['type'], StatusInput, Condition['status'], string, string]>([
      ['two ready gateways', 'Available', input(two), 'True', 'GatewaysReady', '2 gateways ready, room for 970 more connections.'],
      ['no gateway', 'Available', input([]), 'False', 'NoGatewayReady', 'No gateway takes connections.'],
      ['only full ones', 'Available', input([gateway({ connections: 500 })]), 'False', 'Full', 'Every ready gateway (1) is full.'],
      ['as many as desired', 'Progressing', input(two), 'False', 'Settled', '2 gateways, as it should be.'],
      ['before the first decision', 'Progressing', input([], { desired: null }), 'Unknown', 'NotDecided', 'Nothing was decided yet.'],
      [
        'fewer than desired',
        'Progressing',
        input([...two, gateway({ ordinal: 3, phase: 'starting' })], { desired: 4 }),
        'True',
        'ScalingUp',
        '2 of 4 gateways ready, 1 starting.',
      ],
      ['more than desired', 'Progressing', input([...two, draining()]), 'True', 'ScalingDown', '3 gateways, on the way to 2.'],
      [
        'old settings',
        'Progressing',
        input([...two, gateway({ ordinal: 3, revision: 'r0' })], { desired: 3 }),
        'True',
        'RollingOut',
        '1 gateway still to be replaced by ones with the present settings.',
      ],
      [
        'old settings, and the new ones fail',
        'Progressing',
        input(two, {
          rollout: { kind: 'paused', reason: 'ProgressDeadlineExceeded', message: 'chat-2 did not become ready within 600 s' },
        }),
        'False',
        'ProgressDeadlineExceeded',
        'The rollout is paused: chat-2 did not become ready within 600 s.',
      ],
      [
        'a ChatCluster that goes',
        'Progressing',
        input([], controlled({ removing: true })),
        'True',
        'Removing',
        '1 gateway still to go: the ChatCluster is being deleted.',
      ],
      ['what is held back', 'ScalingActive', input(two, { waiting: ['chat-1 waits'] }), 'True', 'Decided', 'the load; chat-1 waits.'],
      ['somebody else decides', 'ScalingActive', input([], controlled({}, 'External')), 'True', 'External', 'the load.'],
      [
        'all is paused',
        'ScalingActive',
        input([], controlled({ paused: { up: true, down: true } })),
        'False',
        'Paused',
        'Scaling is paused (annotation chatcluster.io/pause-scaling): the load.',
      ],
      [
        'one direction is paused',
        'ScalingActive',
        input([], controlled({ paused: { up: false, down: true } })),
        'True',
        'DownPaused',
        'Scaling down is paused (annotation chatcluster.io/pause-scaling): the load.',
      ],
      [
        'held back by a pause, whatever else waits',
        'ScalingLimited',
        input(two, {
          recommendation: {
            kind: 'desired',
            needed: 2,
            desired: 2,
            limitedBy: 'pause',
            reasons: ['scaling up is paused: stays at 2, the load needs 5'],
          },
          waiting: ['chat-1 waits'],
        }),
        'True',
        'Paused',
        'scaling up is paused: stays at 2, the load needs 5. Take the annotation chatcluster.io/pause-scaling away to let it.',
      ],
      [
        'a fleet with problems',
        'Degraded',
        input([gateway({ phase: 'starting', problem: 'the image can not be pulled' })], { problems: ['the quota is used up'] }),
        'True',
        'Hindered',
        'the quota is used up; chat-1: the image can not be pulled.',
      ],
      ['a decision', 'ScalingActive', input(two), 'True', 'Decided', 'the load.'],
      [
        'no data',
        'ScalingActive',
        input(two, { recommendation: { kind: 'cannot-decide', reasons: ['no counts', 'stays at 2'] } }),
        'False',
        'CannotDecide',
        'no counts; stays at 2.',
      ],
      [
        'a metric that is missing',
        'ScalingActive',
        input(two, {
          recommendation: {
            kind: 'desired',
            desired: 2,
            needed: 2,
            reasons: ['queue is missing (NaN): no scale-down'],
            missing: ['queue: NaN'],
          },
        }),
        'False',
        'MetricsMissing',
        'queue is missing (NaN): no scale-down.',
      ],
      [
        'two sources that disagree',
        'Degraded',
        input(two, {
          recommendation: { kind: 'desired', desired: 2, needed: 2, reasons: [], disagreeing: ['queue is 5 by Prometheus, but 9 else'] },
        }),
        'True',
        'MetricsDisagree',
        'queue is 5 by Prometheus, but 9 else.',
      ],
      [
        'room to scale',
        'ScalingLimited',
        input(two),
        'False',
        'WithinLimits',
        'The load asks for a number within minReplicas and maxReplicas.',
      ],
      [
        'too little room to scale',
        'ScalingLimited',
        input(two, {
          recommendation: {
            kind: 'desired',
            desired: 2,
            needed: 5,
            limitedBy: 'maxReplicas',
            reasons: ['maxReplicas is 2, the load needs 5'],
          },
        }),
        'True',
        'TooManyReplicas',
        'maxReplicas is 2, the load needs 5. Raise spec.scaling.maxReplicas if there is room for more gateways.',
      ],
      ['a drain', 'Draining', input([...two, draining()]), 'True', 'MovingConnections', '100 connections to be moved off 1 gateway.'],
      ['all well', 'Degraded', input(two), 'False', 'AsExpected', 'Every gateway answers and every action succeeded.'],
      [
        'a silent gateway and a dead one',
        'Degraded',
        input([gateway({ phase: 'unreachable' }), gateway({ ordinal: 2, phase: 'dead' })]),
        'True',
        'GatewaysMissing',
        "chat-1 doesn't answer; chat-2 is dead.",
      ],
      ['actions that fail', 'Degraded', input(two, { failures: ['a', 'b', 'c', 'd', 'e'] }), 'True', 'ActionsFail', 'a; b; c; 2 more.'],
    ])('%s: %s', (_name, type, given, status, reason, message) => {
      expect(buildStatus(given).conditions.find((c) => c.type === type)).toEqual({ type, status, reason, message });
    });
  });
});
