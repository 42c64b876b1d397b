import { describe, expect, it } from 'vitest';
import { emptyPlanningMemory } from '../../../../operator/planning/memory.ts';
import { emptyScalingMemory } from '../../../../operator/scaling/memory.ts';
import type { OperatorState, PlanningMemory, ScalingMemory } from '../../../../operator/snapshot.ts';
import { mustBeSaved, stateFromResource } from '../../../../operator/status/resource-state.ts';
import { type ResourceStatus, statusSchema } from '../../../../operator/status/resource-status.ts';
import type { ClusterStatus } from '../../../../operator/status/status.ts';
import { type ResourceContext, resourceStatus } from '../../../../operator/status/to-resource.ts';
import { clusterStatus, gatewayLine } from '../../../fakes/console.ts';

const AT = Date.parse('2026-11-30T07:00:00Z');

const state = (planning: Partial<PlanningMemory> = {}, changes: Partial<OperatorState> = {}): OperatorState => ({
  memory: {
    scaling: { ...emptyScalingMemory(), desired: 3, recommendations: [{ at: AT - 5_000, replicas: 4 }] },
    planning: { ...emptyPlanningMemory(), lastOrdinal: 7, desired: 3, ...planning },
  },
  drainRequests: [],
  decisions: [],
  ...changes,
});
const context = (changes: Partial<ResourceContext> = {}): ResourceContext => ({
  generation: 4,
  now: AT,
  selector: 'chatcluster.io/cluster=chat',
  state: state(),
  ...changes,
});
const drain = {
  gateway: 'chat-3',
  reason: 'it has the fewest connections',
  initial: 400,
  remaining: 101,
  ratePerSecond: 12.5,
  startedAt: AT - 60_000,
  deadlineAt: AT + 60_000,
  etaMs: 8_080,
};
const busy = (changes: Partial<ClusterStatus> = {}): ClusterStatus =>
  clusterStatus({
    desired: 3,
    connections: 630,
    capacity: 1_000,
    gateways: [
      gatewayLine({ name: 'chat-1' }),
      gatewayLine({ name: 'chat-2', state: 'cordoned', current: false }),
      gatewayLine({ name: 'chat-3', state: 'draining' }),
      gatewayLine({ name: 'chat-4', state: 'starting' }),
      gatewayLine({ name: 'chat-5', state: 'unreachable' }),
      gatewayLine({ name: 'chat-6', state: 'terminating' }),
      gatewayLine({ name: 'chat-7', state: 'dead' }),
    ],
    drains: [drain],
    decisions: [
      { at: AT - 60_000, kind: 'drain', gateway: 'chat-3', summary: 'drain chat-3', reasons: ['it has the fewest connections'] },
      { at: AT - 61_000, kind: 'scale', gateway: null, summary: '3 gateways: the load', reasons: ['the load'] },
    ],
    conditions: [{ type: 'Available', status: 'True', reason: 'GatewaysReady', message: 'All is well.' }],
    ...changes,
  });

describe("a ChatCluster's status", () => {
  it('tells the story', () => {
    const status = resourceStatus(null, busy(), context());
    expect(status).toEqual({
      observedGeneration: 4,
      replicas: 4,
      readyReplicas: 2,
      updatedReplicas: 3,
      desiredReplicas: 3,
      minReplicas: 1,
      maxReplicas: 10,
      selector: 'chatcluster.io/cluster=chat',
      connections: 630,
      capacity: 1_000,
      utilization: '63%',
      draining: 1,
      lastDecision: { time: '2026-11-30T06:58:59Z', kind: 'scale', summary: '3 gateways: the load', reasons: ['the load'] },
      decisions: [
        {
          time: '2026-11-30T06:59:00Z',
          kind: 'drain',
          gateway: 'chat-3',
          summary: 'drain chat-3',
          reasons: ['it has the fewest connections'],
        },
        { time: '2026-11-30T06:58:59Z', kind: 'scale', summary: '3 gateways: the load', reasons: ['the load'] },
      ],
      drains: [
        {
          gateway: 'chat-3',
          reason: 'it has the fewest connections',
          initial: 400,
          remaining: 101,
          ratePerSecond: 12.5,
          startedAt: '2026-11-30T06:59:00Z',
          deadlineAt: '2026-11-30T07:01:00Z',
          etaSeconds: 9,
        },
      ],
      conditions: [
        {
          type: 'Available',
          status: 'True',
          reason: 'GatewaysReady',
          message: 'All is well.',
          lastTransitionTime: '2026-11-30T07:00:00Z',
          observedGeneration: 4,
        },
      ],
      state: { lastOrdinal: 7, desired: 3, planned: 3, recommendations: [{ at: AT - 5_000, replicas: 4 }] },
    });
    expect(statusSchema.parse(status)).toEqual(status);
  });

  it('leaves out what is not known', () => {
    const status = resourceStatus(
      null,
      busy({ desired: null, capacity: 0, decisions: [], drains: [{ ...drain, etaMs: null }] }),
      context(),
    );
    expect(status).not.toHaveProperty('desiredReplicas');
    expect([status.utilization, status.lastDecision, status.drains?.[0]?.etaSeconds]).toEqual([undefined, undefined, undefined]);
    expect(statusSchema.parse(status)).toEqual(status);
  });

  it('shows no more than the ten newest decisions', () => {
    const decisions = Array.from({ length: 12 }, (_, i) => ({
      at: AT - i,
      kind: 'create' as const,
      gateway: `chat-${i}`,
      summary: `create chat-${i}`,
      reasons: [],
    }));
    const status = resourceStatus(null, busy({ decisions }), context());
    expect(status.decisions?.map(({ gateway }) => gateway)).toEqual(decisions.slice(0, 10).map(({ gateway }) => gateway));
  });

  it.each<[string, 'True' | 'False', string]>([
    ['a status that stays, whatever its reason', 'True', '2026-11-30T07:00:00Z'],
    ['a status that changes', 'False', '2026-11-30T07:05:00Z'],
  ])('keeps when a condition last changed: %s', (_name, status, lastTransitionTime) => {
    const first = resourceStatus(null, busy(), context());
    const conditions = [{ type: 'Available', status, reason: 'Full', message: 'Other words.' } as const];
    const second = resourceStatus(first, busy({ conditions }), context({ now: AT + 300_000, generation: 5 }));
    expect(second.conditions).toMatchObject([{ status, reason: 'Full', lastTransitionTime, observedGeneration: 5 }]);
  });
});

describe("the operator's state in it", () => {
  const all = withScaling(
    {
      recommendations: [{ at: AT - 5_000, replicas: 4 }],
      changes: { up: [{ at: AT - 70_000, replicas: 2 }], down: [{ at: AT - 9_000, replicas: 1 }] },
      panic: { since: AT - 9_000, until: AT + 51_000 },
      starts: [{ ordinal: 6, ms: 7_100 }],
    },
    state(
      { rebalanced: 'yesterday', failedResumes: { revision: 'r1', total: 40, gaps: 3 } },
      {
        drainRequests: ['chat-3'],
        decisions: [{ at: AT - 60_000, kind: 'drain', gateway: 'chat-3', summary: 'drain chat-3', reasons: ['a person asked for it'] }],
      },
    ),
  );

  it.each<[string, OperatorState]>([
    ['nothing but numbers', state()],
    ['everything', all],
  ])('comes back, the recommendations as of now: %s', (_name, kept) => {
    const status = resourceStatus(null, busy({ decisions: kept.decisions }), context({ state: kept }));
    const written = statusSchema.parse(JSON.parse(JSON.stringify(status))) as ResourceStatus;
    const now = AT + 90_000;
    const { scaling } = kept.memory;
    const recommendations = scaling.recommendations.map(({ replicas }) => ({ at: now, replicas }));
    expect(stateFromResource(written, now)).toEqual({ ...kept, memory: { ...kept.memory, scaling: { ...scaling, recommendations } } });
  });

  it('comes back without samples, which are of no use to another operator', () => {
    const written = resourceStatus(null, busy(), context({ state: withScaling({ samples: [{ at: AT, connections: 9 }] }) }));
    expect(stateFromResource(written, AT)?.memory.scaling.samples).toEqual([]);
  });

  it('is none where none was written', () => {
    expect(stateFromResource({ replicas: 2 }, AT)).toBeNull();
  });

  it.each<[string, OperatorState, boolean]>([
    ['the same', state(), false],
    ['a name was given', state({ lastOrdinal: 8 }), true],
    ['another number is planned', state({ desired: 4 }), true],
    ['a request to rebalance was met', state({ rebalanced: 'now' }), true],
    ['failed resumes stopped a rollout', state({ failedResumes: { revision: 'r1', total: 40, gaps: 3 } }), true],
    ['a person asked for a drain', state({}, { drainRequests: ['chat-1'] }), true],
    ['another number was decided', withScaling({ desired: 4 }), true],
    ['another recommendation', withScaling({}), false],
    ['panic broke out', withScaling({ panic: { since: AT, until: AT + 60_000 } }), false],
    ['a rollout got on', state({ rollout: { revision: 'r1', waitingSince: 1, ready: 1, outdated: 1, seen: {}, resumes: [] } }), false],
    ['the ChatCluster goes', state({ removingSince: AT }), false],
    ['a decision was taken', state({}, { decisions: all.decisions }), false],
  ])('must be saved before acting or need not: %s', (_name, after, must) => {
    expect(mustBeSaved(state(), after)).toBe(must);
    expect(mustBeSaved(null, after)).toBe(true);
  });

  function withScaling(changes: Partial<ScalingMemory>, kept = state()): OperatorState {
    return { ...kept, memory: { ...kept.memory, scaling: { ...emptyScalingMemory(), desired: 3, ...changes } } };
  }
});
