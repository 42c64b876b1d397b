import type { Snapshot } from '../../operator/simulate/trace/recording.ts';
import type { ClusterStatus } from '../../operator/status/status.ts';
import type { KubeClusterStatus } from '../kube/cluster-status.ts';
import type { Samples } from '../kube/sampler.ts';

/** A cluster at one instant. */
export interface Observed extends Omit<Snapshot, 'seconds'> {
  readonly cluster: string;
}

/** What an `up` tells of itself. */
export function observedLocally({ name, connections, capacity, desired, gateways }: ClusterStatus): Observed {
  return {
    cluster: name,
    connections,
    desired,
    capacity,
    gateways: gateways.map((gateway) => ({ name: gateway.name, state: gateway.state, connections: gateway.connections })),
  };
}

/** What the gateways of a ChatCluster on Kubernetes told; where none may be asked, or one does not answer that takes connections, the operator's sum. */
export function observedOnKubernetes({ name, status, gateways }: KubeClusterStatus, { samples }: Samples): Observed {
  const seen = gateways.map((line) => ({ ...line, figures: samples.get(line.name)?.figures ?? null }));
  const silent = seen.some(({ state, figures }) => figures === null && state !== 'starting' && state !== 'dead');
  const sum = (figure: (of: (typeof seen)[number]) => number) => seen.reduce((total, one) => total + figure(one), 0);
  return {
    cluster: name,
    connections: silent ? (status.connections ?? null) : sum(({ figures }) => figures?.connections ?? 0),
    desired: status.desiredReplicas ?? null,
    capacity: silent ? (status.capacity ?? null) : sum(({ state, figures }) => (state === 'ready' ? (figures?.capacity ?? 0) : 0)),
    gateways: seen.map(({ name: gateway, state, figures }) => ({ name: gateway, state, connections: figures?.connections ?? null })),
  };
}
