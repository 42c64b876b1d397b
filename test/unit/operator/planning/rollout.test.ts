import { describe, expect, it } from 'vitest';
import type { RolloutMemory } from '../../../../operator/snapshot.ts';
import { type Case, draining, fleet, NOW, planOf, table, words } from './cases.ts';

const old = { revision: 'r0' };

describe('a rollout', () => {
  const rollout = { rollout: { maxSurge: 1 } };
  table({
    'surges by no more than allowed': {
      gateways: fleet({ ...old, connections: 100 }, { ...old, connections: 100 }),
      desired: 2,
      spec: rollout,
      want: ['create chat-3'],
    },
    'counts a gateway that is being drained as there: the surge is no more than allowed': {
      gateways: fleet({ ...old, connections: 100 }, { ...old, ...draining({ connections: 90 }) }, { connections: 100 }),
      desired: 2,
      spec: rollout,
      want: ['cordon chat-1'],
    },
    'but what the load needs is created at once': {
      gateways: fleet({ ...old, connections: 100 }, { ...old, ...draining({ connections: 90 }) }),
      desired: 2,
      spec: rollout,
      want: ['create chat-3'],
    },
    'deletes what starts with old settings': {
      gateways: fleet({ ...old, connections: 100 }, { ...old, phase: 'starting', connections: null }),
      desired: 2,
      spec: rollout,
      want: ['delete chat-2', 'create chat-3', 'create chat-4'],
    },
    'deletes no more of those than leaves the least there must be, creates no more than the most there may be': {
      gateways: fleet({ ...old, phase: 'starting', connections: null }, { ...old, phase: 'starting', connections: null }),
      desired: 2,
      spec: { ...rollout, scaling: { minReplicas: 2, maxReplicas: 2 } },
      want: ['delete chat-1', 'create chat-3'],
    },
    'replaces the next one when the last is seen to be gone': {
      gateways: fleet({ ...old, connections: 100 }, { ...old, ...draining({ connections: 0 }) }, { connections: 100 }),
      desired: 2,
      spec: rollout,
      want: ['delete chat-2'],
    },
    'ends the sheds of the old gateways: their rates are needed': {
      gateways: fleet(
        { ...old, connections: 100, shed: { remaining: 10, ratePerSecond: 60 } },
        { ...old, connections: 80, shed: { remaining: 10, ratePerSecond: 40 } },
        { connections: 0 },
      ),
      desired: 2,
      spec: rollout,
      want: ['cordon chat-1', 'shed chat-1 0 at 0', 'drain chat-2 at 100'],
    },
    'moves nobody onto another old gateway: none of them takes connections while one is drained': {
      gateways: fleet(
        { ...old, connections: 100 },
        { ...old, connections: 101 },
        { ...old, connections: 102 },
        { ...old, connections: 103 },
        { connections: 0 },
      ),
      desired: 4,
      spec: rollout,
      want: ['cordon chat-2', 'cordon chat-3', 'cordon chat-4', 'drain chat-1 at 100'],
    },
    'but keeps a tenth of a large fleet accepting, for those who come': {
      gateways: fleet(...Array.from({ length: 15 }, (_, i) => ({ ...old, connections: 100 + i, cordoned: i < 14 })), {
        connections: 0,
      }),
      desired: 15,
      spec: { rollout: { maxSurge: 1 }, scaling: { maxReplicas: 20 } },
      want: ['drain chat-1 at 100'],
    },
    'waits while the new gateways have no room': {
      gateways: fleet(
        { ...old, connections: 100 },
        { ...old, connections: 100 },
        { connections: 450 },
        { phase: 'starting', connections: null },
      ),
      desired: 2,
      spec: { rollout: { maxSurge: 2 } },
      want: [],
    },
    'uses the room of the old ones rather than stand still': {
      gateways: fleet({ ...old, connections: 100 }, { ...old, connections: 120 }, { connections: 480 }),
      desired: 2,
      spec: rollout,
      want: ['drain chat-1 at 100'],
    },
    'waits until the new gateway is ready': {
      gateways: fleet({ ...old, connections: 100 }, { ...old, connections: 100 }, { phase: 'starting', connections: null }),
      desired: 2,
      spec: rollout,
      want: [],
    },
    'then drains an old one, and the other takes no connection that would be moved again': {
      gateways: fleet({ ...old, connections: 100 }, { ...old, connections: 80 }, { connections: 0 }),
      desired: 2,
      spec: rollout,
      want: ['cordon chat-1', 'drain chat-2 at 100'],
    },
    'lets the old ones take connections again when the new have no room for any of them': {
      gateways: fleet({ ...old, connections: 400, cordoned: true }, { ...old, connections: 80, cordoned: true }, { connections: 495 }),
      desired: 2,
      spec: rollout,
      want: ['uncordon chat-2', 'uncordon chat-1'],
    },
    'back to the earlier settings: what was cordoned takes connections again, the newcomer goes': {
      gateways: fleet({ connections: 100, cordoned: true }, { connections: 100, cordoned: true }, { ...old, connections: 0 }),
      desired: 2,
      spec: rollout,
      want: ['uncordon chat-1', 'uncordon chat-2'],
    },
  });
});

/** A rollout to "r1" that has not got on for this long, ms. */
const stalled = (ms: number, changes: Partial<RolloutMemory> = {}): { readonly rollout: RolloutMemory } => ({
  rollout: { revision: 'r1', waitingSince: NOW - ms, ready: 0, outdated: 2, seen: {}, resumes: [], ...changes },
});
const resumes = (total: number, gaps: number) => ({ revision: 'r1', total, gaps });

describe('a rollout whose new gateways do not become ready', () => {
  const starting = { phase: 'starting', connections: null, createdAt: NOW - 70_000 } as const;
  const spec = { rollout: { maxSurge: 2, progressDeadlineMs: 60_000 } };
  const two = fleet({ ...old, connections: 100 }, { ...old, connections: 80 });
  table({
    'is paused, and surges no more': {
      gateways: [...two, ...fleet({}, {}, starting).slice(2)],
      desired: 2,
      spec,
      memory: stalled(60_001),
      want: [],
    },
    'goes on until its time is over': {
      gateways: [...two, ...fleet({}, {}, starting).slice(2)],
      desired: 2,
      spec,
      memory: stalled(60_000),
      want: ['create chat-4'],
    },
    'is paused at once by an operator that comes later, and has no memory of it': {
      gateways: [...two, ...fleet({}, {}, starting).slice(2)],
      desired: 2,
      spec,
      want: [],
    },
    'goes on when one more new gateway got ready': {
      gateways: [...two, ...fleet({}, {}, {}, starting).slice(2)],
      desired: 2,
      spec,
      memory: stalled(90_000),
      want: ['cordon chat-1', 'drain chat-2 at 100'],
    },
    'drains no more old gateways, though some new ones are ready': {
      gateways: [...two, ...fleet({}, {}, {}, starting).slice(2)],
      desired: 2,
      spec,
      memory: stalled(90_000, { ready: 1 }),
      want: [],
    },
    'lets the old ones take connections again, and takes their drains back': {
      gateways: fleet(
        { ...old, connections: 100, cordoned: true },
        { ...old, ...draining({ connections: 80 }) },
        { connections: 20 },
        starting,
      ),
      desired: 3,
      spec,
      memory: stalled(90_000, { ready: 1 }),
      want: ['uncordon chat-2', 'uncordon chat-1'],
    },
    'but not a drain that a person asked for': {
      gateways: fleet({ ...old, connections: 100 }, { ...old, ...draining({ connections: 80 }) }, { connections: 20 }, starting),
      desired: 3,
      spec,
      drainRequests: ['chat-2'],
      memory: stalled(90_000, { ready: 1 }),
      want: [],
    },
    'takes no more drains back than the surge leaves room for': {
      gateways: fleet(
        { ...old, ...draining({ connections: 90 }, { ratePerSecond: 50 }) },
        { ...old, ...draining({ connections: 80 }, { ratePerSecond: 50 }) },
        { connections: 20 },
        starting,
      ),
      desired: 2,
      spec: { rollout: { ...spec.rollout, maxSurge: 1 } },
      memory: stalled(90_000, { ready: 1 }),
      want: ['uncordon chat-1', 'drain chat-2 at 100'],
    },
    'counts among these what a person took back': {
      gateways: fleet(
        { ...old, ...draining({ connections: 90 }, { ratePerSecond: 50 }) },
        { ...old, ...draining({ connections: 80 }, { ratePerSecond: 50 }) },
        { connections: 20 },
        starting,
      ),
      desired: 2,
      spec: { rollout: { ...spec.rollout, maxSurge: 1 } },
      takeBacks: ['chat-2'],
      memory: stalled(90_000, { ready: 1 }),
      want: ['uncordon chat-2', 'drain chat-1 at 100'],
    },
    'is not taken for one that stalled before it, with other settings': {
      gateways: [...two, ...fleet({}, {}, { ...starting, createdAt: NOW - 1_000 }).slice(2)],
      desired: 2,
      spec,
      memory: { rollout: { ...stalled(90_000).rollout, revision: 'r2' } },
      want: ['create chat-4'],
    },
    'creates what the load needs all the same': {
      gateways: [...two, ...fleet({}, {}, starting).slice(2)],
      desired: 4,
      spec,
      memory: stalled(90_000),
      want: ['create chat-4'],
    },
    'replaces a new one that died, so that its time goes on': {
      gateways: [...two, ...fleet({}, {}, { phase: 'dead', connections: 0 }).slice(2)],
      desired: 2,
      spec,
      memory: stalled(90_000),
      want: ['delete chat-3', 'create chat-4'],
    },
    'drains old ones that are too many by now': {
      gateways: [...two, ...fleet({}, {}, starting).slice(2)],
      desired: 1,
      spec: { rollout: { ...spec.rollout, maxSurge: 1 } },
      memory: stalled(90_000),
      want: ['drain chat-2 at 100'],
    },
    'goes back: the new ones that never got ready are deleted': {
      gateways: [...fleet({ connections: 100, cordoned: true }, { connections: 80 }), ...fleet({}, {}, { ...starting, ...old }).slice(2)],
      desired: 2,
      spec,
      memory: { rollout: { ...stalled(90_000).rollout, revision: 'r0' } },
      want: ['delete chat-3', 'uncordon chat-1'],
    },
  });

  it('says which, and what is known of why', () => {
    const gateways = [...two, ...fleet({}, {}, { ...starting, problem: 'the image can not be pulled' }, starting).slice(2)];
    expect(planOf({ gateways, desired: 2, spec, memory: stalled(90_000) }).rollout).toEqual({
      kind: 'paused',
      reason: 'ProgressDeadlineExceeded',
      message: 'chat-3 (the image can not be pulled), chat-4 did not become ready within 60 s',
    });
  });
});

describe('a rollout whose clients lose their position', () => {
  const spec = { rollout: { maxSurge: 1, maxFailedResumes: 0.05 } };
  const gateways = (total: number, gaps: number) =>
    fleet({ ...old, connections: 100 }, { ...old, connections: 80 }, { connections: 20, resumes: { total, gaps } });
  /** 100 resumes without a gap were seen before. */
  const before: Partial<RolloutMemory> = { waitingSince: null, ready: 1, seen: { 'chat-3': { total: 100, gaps: 0 } } };
  const case_ = (total: number, gaps: number, changes: Partial<RolloutMemory> = {}): Case => ({
    gateways: gateways(total, gaps),
    desired: 2,
    spec,
    memory: stalled(0, { ...before, ...changes }),
  });
  const goesOn = ['cordon chat-1', 'drain chat-2 at 100'];

  table({
    'is paused when more than the share ended in a gap': { ...case_(140, 3), want: [] },
    'goes on with exactly the share': { ...case_(140, 2), want: goesOn },
    'does not judge by fewer than 20': { ...case_(119, 19), want: goesOn },
    'adds up a minute': { ...case_(110, 1, { resumes: [{ at: NOW - 59_999, total: 10, gaps: 1 }] }), want: [] },
    'forgets what is longer ago': { ...case_(110, 1, { resumes: [{ at: NOW - 60_000, total: 10, gaps: 1 }] }), want: goesOn },
    'knows when counters began anew': { ...case_(20, 2), want: [] },
    'knows nothing of what was before it looked for the first time': { ...case_(140, 140, { seen: {} }), want: goesOn },
    'does not count what old gateways tell': {
      ...case_(100, 0),
      gateways: fleet(
        { ...old, connections: 100, resumes: { total: 50, gaps: 50 } },
        { ...old, connections: 80 },
        { connections: 20, resumes: null },
      ),
      want: goesOn,
    },
    'stays paused when the minute is over': {
      ...case_(100, 0),
      memory: { ...stalled(0, before), failedResumes: resumes(40, 3) },
      want: [],
    },
    'goes on when the limit is raised': {
      ...case_(100, 0),
      memory: { ...stalled(0, before), failedResumes: resumes(60, 3) },
      want: goesOn,
    },
    'goes on with other settings': {
      ...case_(100, 0),
      memory: { ...stalled(0, before), failedResumes: { ...resumes(40, 3), revision: 'r2' } },
      want: goesOn,
    },
  });

  it('remembers what paused it, and says so', () => {
    const { rollout, memory } = planOf(case_(140, 3));
    expect(memory.failedResumes).toEqual(resumes(40, 3));
    expect(rollout).toEqual({
      kind: 'paused',
      reason: 'RolloutPausedByFailedResumes',
      message:
        '3 of 40 resumes on the new gateways ended in a gap, at most 5 % may: change the settings, or raise spec.rollout.maxFailedResumes',
    });
  });

  it('counts from nothing on a new gateway, and keeps 5 seconds as one', () => {
    let { memory } = planOf({ ...case_(0, 0), gateways: fleet({ ...old, connections: 1 }, { phase: 'starting', connections: null }) });
    const seconds = [1, 2, 3, 4, 5, 6, 7];
    for (const second of seconds) {
      const view = fleet({ ...old, connections: 1 }, { connections: 0, resumes: { total: 2 * second, gaps: 0 } });
      memory = planOf({ ...case_(0, 0), gateways: view, now: NOW + second * 1_000, memory }).memory;
    }
    expect(memory.rollout?.resumes).toEqual([
      { at: NOW + 1_000, total: 10, gaps: 0 },
      { at: NOW + 6_000, total: 4, gaps: 0 },
    ]);
  });

  it('is forgotten when no old gateway is left', () => {
    const { memory, actions } = planOf({ ...case_(140, 3), gateways: fleet({ connections: 1 }, { connections: 1 }) });
    expect([memory.rollout, memory.failedResumes, words(actions)]).toEqual([null, null, []]);
  });
});
