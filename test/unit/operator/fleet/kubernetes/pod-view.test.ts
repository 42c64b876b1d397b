import { describe, expect, it } from 'vitest';
import { phaseOf, type Sighting, viewOf } from '../../../../../operator/fleet/kubernetes/pod-view.ts';
import { draining, LOAD, type PodChanges, pod, sighting, status } from './build.ts';

const WAITING = { waiting: { reason: 'CrashLoopBackOff' } };
const TERMINATED = { terminated: { exitCode: 1 } };
const NEVER = { status: null, observedAt: null, readyAt: null };

describe('the phase of a gateway', () => {
  const cases: readonly { name: string; pod?: PodChanges; seen?: Partial<Sighting>; want: string }[] = [
    { name: 'answers and is Ready', want: 'ready' },
    {
      name: 'waits for a node',
      pod: { status: { phase: 'Pending', containerStatuses: [], conditions: [] } },
      seen: NEVER,
      want: 'starting',
    },
    { name: 'pulls its image', pod: { ready: false, state: { waiting: { reason: 'ContainerCreating' } } }, seen: NEVER, want: 'starting' },
    { name: 'runs and never answered', pod: { ready: false }, seen: NEVER, want: 'starting' },
    { name: 'runs and doesn’t answer yet', pod: { ready: false }, seen: { ...NEVER, failures: 9 }, want: 'starting' },
    // Its clients may be there already: it is not one to be deleted as unused.
    { name: 'is Ready and never answered', seen: NEVER, want: 'unreachable' },
    {
      name: 'ran before we came and never answered us',
      pod: { ready: false },
      seen: { ...NEVER, seenFromStart: false },
      want: 'unreachable',
    },
    {
      name: 'answers that it can’t take connections yet',
      pod: { ready: false },
      seen: { readyAt: null, status: status({ startupMs: 0, acceptedTotal: 0 }) },
      want: 'starting',
    },
    {
      name: 'takes connections, but no one was led there yet',
      pod: { ready: false },
      seen: { readyAt: null, status: status({ acceptedTotal: 0 }) },
      want: 'starting',
    },
    { name: 'took connections before we came, and fails a probe', pod: { ready: false }, seen: { readyAt: null }, want: 'ready' },
    {
      name: 'was cordoned before it was Ready',
      pod: { ready: false },
      seen: { readyAt: null, status: status({ state: 'cordoned', acceptedTotal: 0 }) },
      want: 'ready',
    },
    {
      name: 'drains, which is not Ready',
      pod: { ready: false, accepting: false },
      seen: { status: status({ state: 'draining' }) },
      want: 'ready',
    },
    { name: 'was uncordoned a moment ago', pod: { ready: false }, seen: { unreadyMs: 3_000 }, want: 'ready' },
    {
      name: 'fails its readiness probe for long though it answers us',
      pod: { ready: false },
      seen: { unreadyMs: 15_000 },
      want: 'unreachable',
    },
    { name: 'failed to answer a few times', seen: { failures: 2 }, want: 'ready' },
    { name: 'failed to answer many times', seen: { failures: 3 }, want: 'unreachable' },
    { name: 'is on a node that is silent', pod: { status: { phase: 'Unknown' }, state: {} }, want: 'unreachable' },
    { name: 'was told to stop by somebody else', seen: { status: status({ stopping: true, state: 'draining' }) }, want: 'terminating' },
    { name: 'is being deleted', pod: { deletedAt: '2026-03-01T12:01:00Z' }, want: 'terminating' },
    { name: 'was deleted by us, which the Pod doesn’t show yet', seen: { deleted: true }, want: 'terminating' },
    { name: 'crashed and is started again', pod: { ready: false, state: WAITING }, seen: NEVER, want: 'starting' },
    { name: 'crashed a moment ago', pod: { state: TERMINATED }, seen: NEVER, want: 'starting' },
    { name: 'failed for good', pod: { status: { phase: 'Failed' } }, want: 'dead' },
    { name: 'ended for good', pod: { status: { phase: 'Succeeded' } }, want: 'dead' },
    { name: 'failed for good and is being deleted', pod: { status: { phase: 'Failed' }, deletedAt: '2026-03-01T12:01:00Z' }, want: 'dead' },
    {
      name: 'ended well and is being deleted',
      pod: { status: { phase: 'Succeeded' }, deletedAt: '2026-03-01T12:01:00Z' },
      want: 'terminating',
    },
    { name: 'is lost with its node', pod: { deletedAt: '2026-03-01T12:01:00Z' }, seen: { lost: true }, want: 'dead' },
  ];
  it.each(cases)('that $name is $want', ({ pod: changes, seen, want }) => {
    expect(phaseOf(pod(changes), sighting(seen))).toBe(want);
  });
});

describe('the view of a gateway', () => {
  const view = (changes: PodChanges = {}, seen: Partial<Sighting> = {}) =>
    viewOf(pod(changes), sighting(seen), { now: 10_000, capacity: 300 });

  it('has all that is known', () => {
    expect(view()).toEqual({
      name: 'chat-3',
      ordinal: 3,
      revision: 'r1',
      phase: 'ready',
      cordoned: false,
      drain: null,
      shed: null,
      connections: 90,
      migrating: 0,
      capacity: 500,
      resumes: { total: 20, gaps: 1 },
      problem: null,
      createdAt: 2_000,
      readyAt: 3_000,
      observedAt: 5_000,
      zone: 'zone-a',
      pid: null,
      load: LOAD,
    });
  });

  const PROGRESS = { ratePerSecond: 7, initial: 80, elapsedMs: 2_000, remainingMs: 50_000 };
  const cases: readonly { name: string; pod?: PodChanges; seen?: Partial<Sighting>; want: object }[] = [
    {
      name: 'knows no connections of one that never answered',
      pod: { ready: false },
      seen: NEVER,
      want: { connections: null, capacity: 400, resumes: null },
    },
    {
      name: 'has the capacity of new gateways when the Pod does not tell',
      pod: { status: { containerStatuses: [] } },
      seen: NEVER,
      want: { capacity: 400 },
    },
    {
      name: 'keeps the last number of one that does not answer',
      seen: { failures: 9, failure: 'x' },
      want: { phase: 'unreachable', connections: 90 },
    },
    {
      name: 'has none in one that is dead',
      pod: { status: { phase: 'Failed' } },
      want: { connections: 0, migrating: 0, drain: null, shed: null, load: null },
    },
    {
      name: 'has none in one whose process has ended',
      pod: { deletedAt: '2026-03-01T12:01:00Z', state: TERMINATED },
      want: { phase: 'terminating', connections: 0 },
    },
    {
      name: 'has those that one which goes still holds',
      pod: { deletedAt: '2026-03-01T12:01:00Z' },
      want: { cordoned: true, connections: 90 },
    },
    { name: 'is cordoned by the label', pod: { accepting: false }, want: { cordoned: true } },
    { name: 'is cordoned when the gateway says so', seen: { status: status({ state: 'cordoned' }) }, want: { cordoned: true } },
    {
      name: 'has the drain as the gateway does it, since and until when the Pod says',
      pod: { accepting: false, annotations: draining() },
      seen: { status: status({ state: 'draining', drain: PROGRESS }) },
      want: { drain: { ratePerSecond: 7, initial: 90, startedAt: 1_000, deadlineAt: 301_000 } },
    },
    {
      name: 'has the drain that a gateway which was started anew knows nothing of',
      pod: { accepting: false, annotations: draining() },
      want: { cordoned: true, drain: { ratePerSecond: 0, initial: 90, startedAt: 1_000, deadlineAt: 301_000 } },
    },
    {
      name: 'has the drain that a gateway does by itself',
      seen: { status: status({ state: 'draining', stopping: true, drain: PROGRESS }) },
      want: { phase: 'terminating', drain: { ratePerSecond: 7, initial: 80, startedAt: 8_000, deadlineAt: 60_000 } },
    },
    {
      name: 'has no drain where the record can not be read',
      pod: { accepting: false, annotations: draining({ startedAt: 'now' }) },
      want: { drain: null },
    },
    // Whoever holds no connection is deleted; but somebody may still be led to it.
    {
      name: 'counts as observed before its drain as long as Kubernetes leads clients there',
      pod: { accepting: false, annotations: draining() },
      seen: { settled: false },
      want: { observedAt: 1_000 },
    },
    { name: 'without a drain is observed when it was', seen: { settled: false }, want: { observedAt: 5_000 } },
    {
      name: 'has the shed',
      seen: { status: status({ shed: { remaining: 4, ratePerSecond: 2 } }) },
      want: { shed: { remaining: 4, ratePerSecond: 2 } },
    },
  ];
  it.each(cases)('$name', ({ pod: changes, seen, want }) => {
    expect(view(changes, seen)).toMatchObject(want);
  });
});
