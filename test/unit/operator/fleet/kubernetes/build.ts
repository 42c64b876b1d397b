import { ANNOTATIONS, GATEWAY_CONTAINER, LABELS } from '../../../../../operator/api/names.ts';
import type { ContainerState, Pod, PodStatus } from '../../../../../operator/fleet/kubernetes/pod.ts';
import type { Sighting } from '../../../../../operator/fleet/kubernetes/pod-view.ts';
import type { GatewayStatus } from '../../../../../protocol/admin.ts';
import { statusWith } from '../../../../fakes/gateway-status.ts';

/** What a Pod of a test is like; nothing said: one that runs, is Ready, and takes connections. */
export interface PodChanges {
  readonly name?: string;
  readonly uid?: string;
  readonly version?: string;
  readonly accepting?: boolean;
  readonly ready?: boolean;
  /** The container's. */
  readonly state?: ContainerState;
  readonly containerID?: string;
  readonly restartCount?: number;
  readonly lastState?: ContainerState;
  readonly deletedAt?: string;
  readonly graceSeconds?: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly status?: Partial<PodStatus>;
  readonly labels?: Readonly<Record<string, string>>;
}

export function pod(changes: PodChanges = {}): Pod {
  const { name = 'chat-3', accepting = true, ready = true, state = { running: {} }, restartCount = 0 } = changes;
  return {
    metadata: {
      name,
      namespace: 'shop',
      uid: changes.uid ?? `uid-of-${name}`,
      resourceVersion: changes.version ?? '7',
      creationTimestamp: '2026-03-01T12:00:00Z',
      labels: {
        [LABELS.cluster]: 'chat',
        [LABELS.revision]: 'r1',
        [LABELS.ordinal]: /\d+$/.exec(name)?.[0] ?? '',
        [LABELS.accepting]: String(accepting),
        ...changes.labels,
      },
      annotations: changes.annotations ?? {},
      ownerReferences: [{ apiVersion: 'chatcluster.io/v1alpha1', kind: 'ChatCluster', name: 'chat', uid: 'uid-of-chat', controller: true }],
      ...(changes.deletedAt === undefined
        ? {}
        : { deletionTimestamp: changes.deletedAt, deletionGracePeriodSeconds: changes.graceSeconds ?? 30 }),
    },
    spec: { nodeName: 'node-a', containers: [{ name: GATEWAY_CONTAINER, env: [{ name: 'CHATCLUSTER_MAX_CONNECTIONS', value: '400' }] }] },
    status: {
      phase: 'Running',
      podIP: '10.0.0.3',
      conditions: [
        { type: 'PodScheduled', status: 'True' },
        { type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: '2026-03-01T12:00:05Z' },
      ],
      containerStatuses: [
        {
          name: GATEWAY_CONTAINER,
          ready,
          restartCount,
          state,
          containerID: changes.containerID ?? `container-${restartCount}`,
          ...(changes.lastState === undefined ? {} : { lastState: changes.lastState }),
        },
      ],
      ...changes.status,
    },
  };
}

/** The annotation of a drain. */
export const draining = (record: object = { startedAt: 1_000, deadlineAt: 301_000, initial: 90, reason: 'too many' }) => ({
  [ANNOTATIONS.draining]: JSON.stringify(record),
});

/** What a gateway says that takes connections and has some. */
export function status(changes: Partial<GatewayStatus> = {}): GatewayStatus {
  const busy = { name: 'chat-3', connections: 90, capacity: 500, acceptedTotal: 100, resumesTotal: 20, resumeGapsTotal: 1 };
  return statusWith({ ...busy, ...changes });
}

/** What it does. */
export const LOAD = {
  acceptsPerSecond: 1,
  latestAcceptsPerSecond: 1,
  latestLeavesPerSecond: 1,
  movesPerSecond: 2,
  messagesPerSecond: 3,
  eventLoopDelayMs: 4,
  cpuCores: 0.5,
};

/** What was seen of a gateway that has been answering all the time. */
export function sighting(changes: Partial<Sighting> = {}): Sighting {
  return {
    status: status(),
    observedAt: 5_000,
    failures: 0,
    failure: null,
    seenFromStart: true,
    readyAt: 3_000,
    createdAt: 2_000,
    unreadyMs: 0,
    lost: false,
    deleted: false,
    settled: true,
    stillListedMs: 0,
    zone: 'zone-a',
    load: LOAD,
    ...changes,
  };
}
