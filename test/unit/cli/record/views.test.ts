import { describe, expect, it } from 'vitest';
import type { KubeClusterStatus } from '../../../../cli/kube/cluster-status.ts';
import type { PodLine } from '../../../../cli/kube/pod-line.ts';
import type { Samples } from '../../../../cli/kube/sampler.ts';
import { observedOnKubernetes } from '../../../../cli/record/views.ts';

const pod = (name: string, state: PodLine['state'] = 'ready'): PodLine => ({
  name,
  state,
  revision: 'r1',
  node: null,
  restarts: 0,
  drainRequested: false,
  trouble: null,
  createdAt: 0,
});

/** As the operator saw it: 99 connections of 300, 3 gateways wanted. */
const status = (...gateways: readonly PodLine[]): KubeClusterStatus => ({
  namespace: 'shop',
  name: 'chat',
  createdAt: 0,
  paused: { up: false, down: false },
  removing: false,
  observed: true,
  status: { connections: 99, capacity: 300, desiredReplicas: 3 },
  gateways,
});

const samples = (connections: Readonly<Record<string, number>>): Samples => ({
  samples: new Map(
    Object.entries(connections).map(([name, held]) => [
      name,
      { at: 0, figures: { connections: held, capacity: 100, movedTotal: 0, deliveredTotal: 0, cpuSeconds: 0, memoryBytes: 0 } },
    ]),
  ),
  problems: new Map(),
  forbidden: null,
});

describe('what is recorded of a ChatCluster on Kubernetes', () => {
  it.each<[name: string, gateways: readonly PodLine[], seen: Readonly<Record<string, number>>, connections: number, capacity: number]>([
    ['what all gateways told', [pod('chat-1'), pod('chat-2')], { 'chat-1': 40, 'chat-2': 50 }, 90, 200],
    ['a draining one holds, but takes none', [pod('chat-1'), pod('chat-2', 'draining')], { 'chat-1': 40, 'chat-2': 50 }, 90, 100],
    ['one that starts need not tell', [pod('chat-1'), pod('chat-2', 'starting')], { 'chat-1': 40 }, 40, 100],
    ['when one is silent, what the operator says', [pod('chat-1'), pod('chat-2')], { 'chat-1': 40 }, 99, 300],
    ['when none may be asked as well', [pod('chat-1')], {}, 99, 300],
  ])('%s', (_name, gateways, seen, connections, capacity) => {
    const observed = observedOnKubernetes(status(...gateways), samples(seen));
    expect(observed).toMatchObject({ cluster: 'chat', connections, capacity, desired: 3 });
    expect(observed.gateways.map(({ connections: held }) => held)).toEqual(gateways.map(({ name }) => seen[name] ?? null));
  });

  it('is unknown where the operator has not said anything yet', () => {
    const observed = observedOnKubernetes({ ...status(pod('chat-1')), status: {} }, samples({}));
    expect(observed).toMatchObject({ connections: null, capacity: null, desired: null });
  });
});
