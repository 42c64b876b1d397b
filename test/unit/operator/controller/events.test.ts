import { describe, expect, it } from 'vitest';
import { eventsBetween } from '../../../../operator/controller/events.ts';
import type { ClusterStatus, Condition, Decision, DrainLine, GatewayLine } from '../../../../operator/status/status.ts';

const line = (ordinal: number, changes: Partial<GatewayLine> = {}): GatewayLine => ({
  name: `chat-${ordinal}`,
  state: 'ready',
  connections: 100,
  migrating: 0,
  capacity: 500,
  pid: null,
  current: true,
  zone: null,
  createdAt: 0,
  ...changes,
});
const drain = (ordinal: number, changes: Partial<DrainLine> = {}): DrainLine => ({
  gateway: `chat-${ordinal}`,
  reason: 'fewest connections',
  initial: 100,
  remaining: 40,
  ratePerSecond: 10,
  startedAt: 0,
  deadlineAt: 60_000,
  etaMs: 4_000,
  ...changes,
});
const decision = (kind: Decision['kind'], gateway: string | null, summary: string, reason: string): Decision => ({
  at: 0,
  kind,
  gateway,
  summary,
  reasons: [reason],
});
const condition = (type: Condition['type'], status: Condition['status'], reason: string, message = reason): Condition => ({
  type,
  status,
  reason,
  message,
});
const status = (changes: Partial<ClusterStatus> = {}): ClusterStatus => ({
  name: 'chat',
  at: 12_000,
  desired: 2,
  needed: 2,
  limits: { min: 1, max: 10 },
  connections: 200,
  capacity: 1_000,
  movedPerSecond: 0,
  deliveryLatencyMs: null,
  gateways: [line(1), line(2)],
  drains: [],
  decisions: [],
  conditions: [],
  ...changes,
});

/** "ScaledUp From 2 to 3 …", with an exclamation mark for a warning. */
function told(before: Partial<ClusterStatus>, after: Partial<ClusterStatus>): string[] {
  const events = eventsBetween({ status: status(before), desired: null }, status(after));
  return events.map(({ type, reason, note }) => `${reason}${type === 'Warning' ? '!' : ''} ${note}`);
}

describe('events of a ChatCluster', () => {
  it('tell nothing when nothing happened', () => expect(told({}, { connections: 300, at: 13_000 })).toEqual([]));

  it('tell of another number of gateways, with the first reason', () => {
    const decisions = [decision('scale', null, '3 gateways: 900 connections', '900 connections / 300 per gateway')];
    expect(told({}, { desired: 3, decisions })).toEqual(['ScaledUp From 2 to 3 gateways: 900 connections / 300 per gateway.']);
    expect(told({}, { desired: 1 })).toEqual(['ScaledDown From 2 to 1 gateway.']);
  });

  it('tell an operator that takes over only of what is new to the cluster', () => {
    expect(eventsBetween({ status: null, desired: 2 }, status())).toEqual([]);
    expect(eventsBetween({ status: null, desired: null }, status()).map(({ note }) => note)).toEqual(['2 gateways.']);
    expect(eventsBetween({ status: null, desired: 5 }, status()).map(({ reason }) => reason)).toEqual(['ScaledDown']);
  });

  it.each([
    {
      name: 'begins',
      before: [],
      after: [drain(2)],
      state: 'draining',
      want: 'DrainStarted chat-2: 100 connections to be moved away: fewest connections.',
    },
    {
      name: 'is done',
      before: [drain(2)],
      after: [],
      state: 'terminating',
      want: 'DrainFinished chat-2: done after 12 s; it held 100 connections.',
    },
    {
      name: 'is taken back',
      before: [drain(2)],
      after: [],
      state: 'ready',
      want: 'DrainTakenBack chat-2: taken back after 12 s, with 40 connections of 100.',
    },
  ] as const)('tell when a drain $name', ({ before, after, state, want }) => {
    const was = before.length > 0 ? 'draining' : 'ready';
    expect(
      told({ drains: before, gateways: [line(1), line(2, { state: was })] }, { drains: after, gateways: [line(1), line(2, { state })] }),
    ).toEqual([want]);
  });

  it('tell that a drain is done also when the gateway is gone already', () => {
    const deleted = [decision('delete', 'chat-2', 'delete chat-2', 'it is empty')];
    const after = { gateways: [line(1)], decisions: deleted };
    const want = ['DrainFinished chat-2: done after 12 s; it held 100 connections.'];
    expect(told({ drains: [drain(2)], gateways: [line(1), line(2, { state: 'draining' })] }, after)).toEqual(want);
    const before = { drains: [drain(2)], gateways: [line(1), line(2, { state: 'terminating' })], decisions: deleted };
    expect(told(before, { gateways: [line(1), line(2, { state: 'dead' })], decisions: deleted })).toEqual(want);
  });

  it.each([
    { name: 'died', state: 'dead', want: ['GatewayLost! chat-2 is dead; it held 100 connections, which come back to the others.'] },
    {
      name: 'stopped answering',
      state: 'unreachable',
      want: ['GatewayUnreachable! chat-2 does not answer; its clients may still be served.'],
    },
    {
      name: 'was told to stop by somebody else',
      state: 'terminating',
      want: ['GatewayLeaving chat-2 was told to stop by somebody else (a node drain, an eviction, a person); it drains itself.'],
    },
    { name: 'was cordoned', state: 'cordoned', want: [] },
  ] as const)('tell of a gateway that $name', ({ state, want }) =>
    expect(told({}, { gateways: [line(1), line(2, { state })] })).toEqual(want),
  );

  it('tell of a gateway that is gone without a word, and of none that the operator deleted', () => {
    expect(told({}, { gateways: [line(1)] })).toEqual([
      'GatewayLost! chat-2 is gone, with 100 connections, and the operator did not delete it.',
    ]);
    const decisions = [decision('delete', 'chat-2', 'delete chat-2', 'it is empty')];
    expect(told({}, { gateways: [line(1)], decisions })).toEqual([]);
    expect(told({ decisions }, { gateways: [line(1)], decisions })).toEqual([]);
    expect(told({}, { gateways: [line(1), line(2, { state: 'terminating' })], decisions })).toEqual([]);
    expect(told({ gateways: [line(1), line(2, { state: 'terminating' })] }, { gateways: [line(1)] })).toEqual([]);
    const over = [line(1), line(2, { state: 'dead' })];
    expect(told({ gateways: [line(1), line(2, { state: 'terminating' })], decisions }, { gateways: over, decisions })).toEqual([]);
    // Its record is deleted in the round that saw it dead.
    expect(told({}, { gateways: over, decisions })).toHaveLength(1);
  });

  it('tell of a gateway that answers again', () =>
    expect(told({ gateways: [line(1, { state: 'unreachable' })] }, { gateways: [line(1)] })).toEqual([
      'GatewayAnswers chat-1 answers again.',
    ]));

  const settled = condition('Progressing', 'False', 'Settled');
  const rolling = condition('Progressing', 'True', 'RollingOut', '2 gateways still to be replaced.');
  const paused = condition('Progressing', 'False', 'RolloutPaused', 'chat-3 does not get ready.');
  it.each([
    { name: 'begins', before: settled, after: rolling, want: ['RolloutStarted 2 gateways still to be replaced.'] },
    { name: 'goes on', before: rolling, after: { ...rolling, message: '1 gateway still to be replaced.' }, want: [] },
    { name: 'pauses', before: rolling, after: paused, want: ['RolloutPaused! chat-3 does not get ready.'] },
    { name: 'resumes', before: paused, after: rolling, want: ['RolloutResumed 2 gateways still to be replaced.'] },
    { name: 'ends', before: rolling, after: settled, want: ['RolloutFinished Every gateway has the present settings.'] },
    { name: 'is no rollout', before: settled, after: condition('Progressing', 'True', 'ScalingUp'), want: [] },
  ])('tell when a rollout $name', ({ before, after, want }) =>
    expect(told({ conditions: [before] }, { conditions: [after] })).toEqual(want),
  );

  it('warn when there is no more room, when nothing can be decided and when the limit is reached', () => {
    const before = [
      condition('Available', 'True', 'GatewaysReady'),
      condition('ScalingActive', 'True', 'Decided'),
      condition('ScalingLimited', 'False', 'WithinLimits'),
    ];
    const after = [
      condition('Available', 'False', 'Full'),
      condition('ScalingActive', 'False', 'CannotDecide'),
      condition('ScalingLimited', 'True', 'TooManyReplicas'),
    ];
    expect(told({ conditions: before }, { conditions: after }).sort()).toEqual([
      'ScalingCannotDecide! CannotDecide',
      'ScalingLimited! TooManyReplicas',
      'Unavailable! Full',
    ]);
    expect(told({ conditions: after }, { conditions: before })).toEqual(['Available GatewaysReady']);
  });

  it('warn when a metric is missing', () => {
    const [before, after] = [condition('ScalingActive', 'True', 'Decided'), condition('ScalingActive', 'False', 'MetricsMissing')];
    expect(told({ conditions: [before] }, { conditions: [after] })).toEqual(['MetricsMissing! MetricsMissing']);
  });

  it('tell once of a rebalance, with all who move', () => {
    const decisions = [
      decision('shed', 'chat-2', 'move connections off chat-2', '30 % above the mean'),
      decision('shed', 'chat-1', 'move connections off chat-1', '25 % above the mean'),
    ];
    expect(told({}, { decisions })).toEqual(['Rebalancing chat-2, chat-1: connections move to emptier gateways: 30 % above the mean.']);
    expect(told({ decisions }, { decisions })).toEqual([]);
    expect(told({}, { decisions: [decision('shed', 'chat-2', 'end the shedding of chat-2', 'even')] })).toEqual([]);
  });
});
