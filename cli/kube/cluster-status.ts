import { controlsOf } from '../../operator/api/controls.ts';
import { LABELS } from '../../operator/api/names.ts';
import type { Controls } from '../../operator/api/spec.ts';
import type { Pod } from '../../operator/fleet/kubernetes/pod.ts';
import { RESOURCES } from '../../operator/kube/object.ts';
import type { ResourceStatus } from '../../operator/status/resource-status.ts';
import type { Connection } from './connection.ts';
import { type ClusterResource, findCluster } from './find.ts';
import { type PodLine, podLines } from './pod-line.ts';

/** A ChatCluster on Kubernetes, as its metadata and its operator tell of it. */
export interface ClusterSummary {
  readonly namespace: string;
  readonly name: string;
  /** Wall clock, ms. */
  readonly createdAt: number;
  readonly paused: Controls['paused'];
  readonly removing: boolean;
  /** The operator has seen the last change of the spec. */
  readonly observed: boolean;
  /** Without what is only for the operator itself; empty until it has seen the ChatCluster. */
  readonly status: Omit<Partial<ResourceStatus>, 'state'>;
}

/** The same, and its gateways as their Pods show them. */
export interface KubeClusterStatus extends ClusterSummary {
  readonly gateways: readonly PodLine[];
}

/** Reads it: the named one, or the only one of the namespace. */
export async function readStatus(connection: Connection, name: string | undefined, signal: AbortSignal): Promise<KubeClusterStatus> {
  const cluster = await findCluster(connection, name, signal);
  return clusterStatusOf(cluster, await podsOf(connection, cluster, signal));
}

/** All ChatClusters of all namespaces; their Pods are left alone. */
export async function readOverview({ api }: Connection, signal: AbortSignal): Promise<readonly ClusterSummary[]> {
  const { items } = await api.list<ClusterResource>(RESOURCES.chatclusters, null, { signal });
  return items.map(summaryOf);
}

/** The Pods of its gateways. */
export async function podsOf(connection: Connection, cluster: ClusterResource, signal?: AbortSignal): Promise<readonly Pod[]> {
  const labelSelector = `${LABELS.cluster}=${cluster.metadata.name}`;
  const namespace = cluster.metadata.namespace ?? connection.namespace;
  const { items } = await connection.api.list<Pod>(
    RESOURCES.pods,
    namespace,
    signal === undefined ? { labelSelector } : { labelSelector, signal },
  );
  return items;
}

export function clusterStatusOf(cluster: ClusterResource, pods: readonly Pod[]): KubeClusterStatus {
  return { ...summaryOf(cluster), gateways: podLines(pods) };
}

function summaryOf({ metadata, status: whole = {} }: ClusterResource): ClusterSummary {
  const { state: _ours, ...status } = whole;
  const { paused, removing } = controlsOf({ ...metadata });
  return {
    namespace: metadata.namespace ?? 'default',
    name: metadata.name,
    createdAt: Date.parse(metadata.creationTimestamp ?? ''),
    paused,
    removing,
    observed: (status.observedGeneration ?? 0) >= (metadata.generation ?? 0),
    status,
  };
}

/** For programs: the fields of the resource's status (`kubectl explain chatcluster.status`), and what the Pods show; times as Kubernetes writes them. */
export function statusData(cluster: ClusterSummary | KubeClusterStatus): object {
  const { namespace, name, createdAt, paused, removing, observed, status } = cluster;
  const gateways =
    'gateways' in cluster ? { gateways: cluster.gateways.map((line) => ({ ...line, createdAt: timeOf(line.createdAt) })) } : {};
  return { namespace, name, createdAt: timeOf(createdAt), paused, removing, observed, ...status, ...gateways };
}

function timeOf(ms: number): string | null {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : null;
}
