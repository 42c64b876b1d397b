import { GATEWAY_ENV } from '../../../protocol/gateway-env.ts';
import { ANNOTATIONS, GATEWAY_CONTAINER, LABELS } from '../../api/names.ts';
import type { DrainView } from '../fleet.ts';
import type { ContainerStatus, Pod, PodCondition } from './pod.ts';

/** A drain as it stands on the Pod, so that it outlives the operator and the gateway's process. What its rate is, the gateway knows. */
export interface DrainRecord extends Omit<DrainView, 'ratePerSecond'> {
  readonly reason: string;
}

/** The status of the container that the gateway runs in. */
export function gatewayContainer(pod: Pod): ContainerStatus | undefined {
  return pod.status?.containerStatuses?.find(({ name }) => name === GATEWAY_CONTAINER);
}

/** Names the process that runs in the Pod; `null` while none does. */
export function processOf(pod: Pod): string | null {
  const container = gatewayContainer(pod);
  return container?.state?.running === undefined ? null : (container.containerID ?? `restart ${container.restartCount}`);
}

export function conditionOf(pod: Pod, type: string): PodCondition | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === type);
}

/** Kubernetes leads clients to it, if its labels say so. */
export function isReady(pod: Pod): boolean {
  return conditionOf(pod, 'Ready')?.status === 'True';
}

/** Its containers ended for good. */
export function isOver(pod: Pod): boolean {
  return pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
}

/** It was told to take no new connection. */
export function isCordoned(pod: Pod): boolean {
  return pod.metadata.labels?.[LABELS.accepting] === 'false';
}

/** A person asked to have it drained. */
export function isDrainRequested(pod: Pod): boolean {
  return pod.metadata.annotations?.[ANNOTATIONS.drain] === 'requested';
}

/** The most connections that it was told to take; `null` when it doesn't say. */
export function capacityOf(pod: Pod): number | null {
  const env = pod.spec.containers.find(({ name }) => name === GATEWAY_CONTAINER)?.env;
  const capacity = Number(env?.find(({ name }) => name === GATEWAY_ENV.maxConnections)?.value);
  return Number.isFinite(capacity) && capacity > 0 ? capacity : null;
}

/** `null` when there is none, or none that can be read: the next drain writes it anew. */
export function drainRecordOf(pod: Pod): DrainRecord | null {
  const text = pod.metadata.annotations?.[ANNOTATIONS.draining];
  if (text === undefined) return null;
  try {
    const record = JSON.parse(text) as Partial<DrainRecord> | null;
    const { startedAt, deadlineAt, initial, reason } = record ?? {};
    if (typeof startedAt !== 'number' || typeof deadlineAt !== 'number' || typeof initial !== 'number') return null;
    return { startedAt, deadlineAt, initial, reason: typeof reason === 'string' ? reason : '' };
  } catch {
    return null;
  }
}

/** What stands on it of drains, by people and by us. Two that are equal are alike in that. */
export function drainAnnotationsOf({ metadata: { annotations = {} } }: Pod): string {
  return `${annotations[ANNOTATIONS.drain] ?? ''} ${annotations[ANNOTATIONS.draining] ?? ''}`;
}
