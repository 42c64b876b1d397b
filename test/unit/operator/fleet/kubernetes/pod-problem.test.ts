import { expect, it } from 'vitest';
import { podProblem } from '../../../../../operator/fleet/kubernetes/pod-problem.ts';
import { phaseOf, type Sighting } from '../../../../../operator/fleet/kubernetes/pod-view.ts';
import { type PodChanges, pod, sighting, status } from './build.ts';

const unscheduled = {
  phase: 'Pending',
  conditions: [
    { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/2 nodes are available:\n 2 Insufficient cpu.' },
  ],
  containerStatuses: [],
} as const;
const waiting = (reason: string, message?: string) => ({
  ready: false,
  state: { waiting: { reason, ...(message === undefined ? {} : { message }) } },
});
const NEVER = { status: null, readyAt: null };

const cases: readonly { name: string; pod?: PodChanges; seen?: Partial<Sighting>; want: string | null }[] = [
  { name: 'none of one that works', want: null },
  { name: 'none of one that starts', pod: waiting('ContainerCreating'), seen: NEVER, want: null },
  { name: 'none of one that goes', pod: { deletedAt: '2026-03-01T12:01:00Z', ...waiting('CrashLoopBackOff') }, want: null },
  {
    name: 'no room on any node',
    pod: { status: unscheduled },
    seen: NEVER,
    want: 'Unschedulable: 0/2 nodes are available: 2 Insufficient cpu.',
  },
  {
    name: 'a crash loop, with the exit code and where the log is',
    pod: {
      ...waiting('CrashLoopBackOff', 'back-off 10s restarting failed container'),
      restartCount: 4,
      lastState: { terminated: { exitCode: 2 } },
    },
    seen: NEVER,
    want: 'CrashLoopBackOff: it ended with exit code 2, started 5 times; its log says why: kubectl logs -n shop chat-3 --previous',
  },
  {
    name: 'a crash loop for want of memory',
    pod: { ...waiting('CrashLoopBackOff'), restartCount: 1, lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } },
    seen: NEVER,
    want: 'CrashLoopBackOff: it was killed for its memory; raise its memory limit, started 2 times; its log says why: kubectl logs -n shop chat-3 --previous',
  },
  {
    name: 'an image that is not there',
    pod: waiting('ImagePullBackOff', 'Back-off pulling image "x:1"'),
    seen: NEVER,
    want: 'ImagePullBackOff: Back-off pulling image "x:1"; check spec.pods.image, and imagePullSecrets in spec.pods.template',
  },
  {
    name: 'a Secret that is not there',
    pod: waiting('CreateContainerConfigError', 'secret "redis" not found'),
    seen: NEVER,
    want: 'CreateContainerConfigError: secret "redis" not found; create the Secret or ConfigMap that it names',
  },
  { name: 'a reason that we don’t know', pod: waiting('SomethingNew', 'who knows'), seen: NEVER, want: 'SomethingNew: who knows' },
  { name: 'a reason called as what objects inherit', pod: waiting('constructor'), seen: NEVER, want: 'constructor' },
  {
    name: 'a sidecar, by its name',
    pod: {
      status: { containerStatuses: [{ name: 'proxy', ready: false, restartCount: 0, state: { waiting: { reason: 'ErrImagePull' } } }] },
    },
    seen: NEVER,
    want: 'container proxy: ErrImagePull; check spec.pods.image, and imagePullSecrets in spec.pods.template',
  },
  {
    name: 'a node that is silent',
    pod: { status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } },
    want: 'node node-a has not been heard of: see kubectl get nodes',
  },
  {
    name: 'no answer',
    seen: { failures: 5, failure: 'connect ECONNREFUSED 10.0.0.3:9090' },
    want: 'it does not answer: connect ECONNREFUSED 10.0.0.3:9090',
  },
  { name: 'one failed scrape is none', seen: { failures: 1, failure: 'timeout' }, want: null },
  { name: 'no broker', seen: { status: status({ broker: 'degraded' }) }, want: 'it can not reach the broker: see spec.broker and its log' },
  {
    name: 'a readiness probe that fails',
    pod: { ready: false },
    seen: { unreadyMs: 20_000 },
    want: 'its readiness probe fails though it answers us: see kubectl describe pod',
  },
  {
    name: 'endpoints that don’t follow',
    pod: { accepting: false },
    seen: { stillListedMs: 30_000 },
    want: 'it is cordoned, but its Service still lists it: nobody is moved before that is over',
  },
  {
    name: 'an eviction',
    pod: { status: { phase: 'Failed', reason: 'Evicted', message: 'The node was low on memory.' } },
    want: 'Evicted: The node was low on memory.',
  },
  { name: 'an end', pod: { status: { phase: 'Failed' }, state: { terminated: { exitCode: 1 } } }, want: 'it ended with exit code 1' },
  { name: 'a node that is gone', seen: { lost: true }, want: 'its node node-a is gone' },
];

it.each(cases)('tells $name', ({ pod: changes, seen, want }) => {
  const present = pod(changes);
  const sighted = sighting(seen);
  expect(podProblem(present, phaseOf(present, sighted), sighted)).toBe(want);
});
