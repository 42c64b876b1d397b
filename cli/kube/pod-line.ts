import { ANNOTATIONS, GATEWAY_CONTAINER, LABELS } from '../../operator/api/names.ts';
import type { ContainerStatus, Pod, PodCondition } from '../../operator/fleet/kubernetes/pod.ts';
import type { GatewayLine } from '../../operator/status/status.ts';

/** A gateway, as its Pod shows it. */
export interface PodLine {
  readonly name: string;
  readonly state: GatewayLine['state'];
  readonly revision: string;
  readonly node: string | null;
  readonly restarts: number;
  /** A person asked for its drain. */
  readonly drainRequested: boolean;
  /** Why it isn't ready, where Kubernetes tells; null when all is well. */
  readonly trouble: string | null;
  /** Wall clock, ms. */
  readonly createdAt: number;
}

/** Waiting for one of these is a start that goes as it should. */
const STARTS = new Set(['ContainerCreating', 'PodInitializing']);

export function podLine(pod: Pod): PodLine {
  const { name, labels = {}, annotations = {}, creationTimestamp } = pod.metadata;
  const state = stateOf(pod);
  return {
    name,
    state,
    revision: labels[LABELS.revision] ?? '',
    node: pod.spec.nodeName ?? null,
    restarts: gatewayOf(pod)?.restartCount ?? 0,
    drainRequested: annotations[ANNOTATIONS.drain] === 'requested',
    trouble: state === 'ready' ? null : troubleOf(pod),
    createdAt: Date.parse(creationTimestamp ?? ''),
  };
}

/** Lines in the order of the numbers in their names. */
export function podLines(pods: readonly Pod[]): PodLine[] {
  const ordinal = ({ name }: PodLine) => Number(/\d+$/.exec(name)?.[0] ?? 0);
  return pods.map(podLine).sort((a, b) => ordinal(a) - ordinal(b) || (a.name < b.name ? -1 : 1));
}

function stateOf(pod: Pod): PodLine['state'] {
  const { labels = {}, annotations = {}, deletionTimestamp } = pod.metadata;
  if (deletionTimestamp !== undefined) return 'terminating';
  if (pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded') return 'dead';
  const ready = conditionOf(pod, 'Ready');
  // Kubernetes says so when a node has been silent.
  if (ready?.status === 'Unknown') return 'unreachable';
  // A gateway that takes no connection says that it is not ready: Kubernetes then leads nobody to it, whatever the label says.
  const isCordoned = labels[LABELS.accepting] === 'false' && gatewayOf(pod)?.state?.waiting === undefined;
  if (ready?.status !== 'True' && !isCordoned) return 'starting';
  if (annotations[ANNOTATIONS.draining] !== undefined) return 'draining';
  return isCordoned ? 'cordoned' : 'ready';
}

function troubleOf(pod: Pod): string | null {
  const waiting = gatewayOf(pod)?.state?.waiting;
  if (waiting?.reason !== undefined && !STARTS.has(waiting.reason)) return told(waiting.reason, waiting.message);
  const scheduled = conditionOf(pod, 'PodScheduled');
  if (scheduled?.status === 'False') return told(scheduled.reason ?? 'Unscheduled', scheduled.message);
  const ready = conditionOf(pod, 'Ready');
  return ready?.status === 'Unknown' ? told(ready.reason ?? 'Unknown', ready.message) : null;
}

function told(reason: string, message: string | undefined): string {
  return message === undefined || message === '' ? reason : `${reason}: ${message.replace(/\s+/g, ' ').trim()}`;
}

function gatewayOf(pod: Pod): ContainerStatus | undefined {
  return pod.status?.containerStatuses?.find(({ name }) => name === GATEWAY_CONTAINER);
}

function conditionOf(pod: Pod, type: string): PodCondition | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === type);
}
