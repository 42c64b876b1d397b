import type { ClusterResource } from '../../cli/kube/find.ts';
import { ANNOTATIONS, GATEWAY_CONTAINER, LABELS } from '../../operator/api/names.ts';
import type { Pod, PodStatus } from '../../operator/fleet/kubernetes/pod.ts';
import type { ResourceCondition, ResourceDecision, ResourceDrain, ResourceStatus } from '../../operator/status/resource-status.ts';

/** The moment of these objects' stories: all of them are an hour old. */
export const NOW = Date.parse('2026-03-01T12:00:00Z');
const ago = (ms: number) => new Date(NOW - ms).toISOString();
const HOUR_MS = 3_600_000;

interface PodFacts {
  readonly cluster?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly deletionTimestamp?: string;
  readonly ageMs?: number;
  readonly node?: string;
  readonly status?: PodStatus;
}

/** A gateway's Pod that is ready. */
export function pod(name: string, facts: PodFacts = {}): Pod {
  const { cluster = 'chat', labels, annotations = {}, deletionTimestamp, ageMs = HOUR_MS, node = 'node-a', status = readyPod() } = facts;
  return {
    metadata: {
      name,
      namespace: 'shop',
      uid: `uid-${name}`,
      resourceVersion: '7',
      labels: { [LABELS.cluster]: cluster, [LABELS.revision]: 'aaaaaaaaaa', [LABELS.accepting]: 'true', ...labels },
      annotations,
      creationTimestamp: ago(ageMs),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
    spec: { nodeName: node, containers: [] },
    status,
  };
}

export function readyPod(restartCount = 0): PodStatus {
  return {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: [{ name: GATEWAY_CONTAINER, ready: true, restartCount }],
  };
}

/** One whose container waits for this. */
export function waitingPod(reason: string, message = '', restartCount = 0): PodStatus {
  return {
    phase: 'Pending',
    conditions: [{ type: 'Ready', status: 'False' }],
    containerStatuses: [{ name: GATEWAY_CONTAINER, ready: false, restartCount, state: { waiting: { reason, message } } }],
  };
}

export function clusterResource(
  status?: Partial<ResourceStatus>,
  metadata: {
    readonly name?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly generation?: number;
    readonly deletionTimestamp?: string;
  } = {},
): ClusterResource {
  return {
    metadata: {
      name: 'chat',
      namespace: 'shop',
      uid: 'uid-chat',
      resourceVersion: '9',
      generation: 3,
      creationTimestamp: ago(50 * HOUR_MS),
      ...metadata,
    },
    ...(status === undefined ? {} : { status }),
  };
}

export const paused = (direction: string) => ({ [ANNOTATIONS.pauseScaling]: direction });

export const decision = (facts: Partial<ResourceDecision> = {}): ResourceDecision => ({
  time: ago(180_000),
  kind: 'scale',
  summary: '2 gateways: 700 connections / 400 per gateway',
  reasons: ['700 connections / 400 per gateway'],
  ...facts,
});

export const drain = (facts: Partial<ResourceDrain> = {}): ResourceDrain => ({
  gateway: 'chat-2',
  reason: 'it has the fewest connections',
  initial: 1_400,
  remaining: 700,
  ratePerSecond: 50,
  startedAt: ago(14_000),
  deadlineAt: ago(-286_000),
  etaSeconds: 14,
  ...facts,
});

export const condition = (facts: Partial<ResourceCondition> & Pick<ResourceCondition, 'type'>): ResourceCondition => ({
  status: 'True',
  reason: 'Because',
  message: 'It is so.',
  lastTransitionTime: ago(60_000),
  ...facts,
});

/** What a settled operator says of two gateways. */
export const settled: Partial<ResourceStatus> = {
  observedGeneration: 3,
  replicas: 2,
  readyReplicas: 2,
  updatedReplicas: 2,
  desiredReplicas: 2,
  connections: 700,
  capacity: 1_000,
  utilization: '70%',
  draining: 0,
  lastDecision: decision(),
  decisions: [decision()],
  drains: [],
  conditions: [
    condition({ type: 'Available', reason: 'GatewaysReady', message: '2 gateways ready, room for 300 more connections.' }),
    condition({ type: 'Progressing', status: 'False', reason: 'Settled', message: '2 gateways, as it should be.' }),
    condition({ type: 'ScalingActive', reason: 'Decided', message: '700 connections / 400 per gateway.' }),
    condition({ type: 'ScalingLimited', status: 'False', reason: 'WithinLimits', message: 'Within the limits.' }),
    condition({ type: 'Draining', status: 'False', reason: 'NoDrain', message: 'No gateway drains.' }),
    condition({ type: 'Degraded', status: 'False', reason: 'AsExpected', message: 'Every gateway answers.' }),
  ],
};
