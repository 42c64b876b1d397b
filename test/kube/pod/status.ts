import type { PodPlace } from './environment.ts';
import type { Condition, Pod } from './pod.ts';

/** How a container ended. */
export interface Ended {
  readonly exitCode: number;
  /** The number of the signal that ended it, 0 when none did. */
  readonly signal: number;
  readonly startedAt: string;
  readonly finishedAt: string;
}

export type ContainerState =
  | { readonly kind: 'waiting'; readonly reason: string; readonly message: string }
  | { readonly kind: 'running'; readonly startedAt: string }
  | ({ readonly kind: 'terminated' } & Ended);

/** A container as its Pod's status shows it. */
export interface ContainerView {
  readonly name: string;
  readonly image: string;
  readonly state: ContainerState;
  /** Of its newest process. */
  readonly pid: number | null;
  /** How it ended before it was started again. */
  readonly last: Ended | null;
  readonly restartCount: number;
  readonly started: boolean;
  readonly ready: boolean;
}

export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

export interface PodStatus {
  readonly phase: Phase;
  readonly conditions: readonly Condition[];
  readonly [field: string]: unknown;
}

/** The status of a Pod as the kubelet would write it; a condition that is what it was keeps its time. */
export function podStatus(views: readonly ContainerView[], place: PodPlace, startTime: string, now: string, before?: PodStatus): PodStatus {
  const phase = phaseOf(views);
  const over = phase === 'Succeeded' || phase === 'Failed';
  const ready = !over && views.every((view) => view.ready);
  const reason = over ? (phase === 'Failed' ? 'PodFailed' : 'PodCompleted') : 'ContainersNotReady';
  const condition = (type: string, is: boolean): Condition => {
    const status = is ? 'True' : 'False';
    const same = before?.conditions.find((one) => one.type === type && one.status === status);
    return { type, status, lastTransitionTime: same?.lastTransitionTime ?? now, ...(is ? null : { reason }) };
  };
  const conditions = [
    condition('PodReadyToStartContainers', true),
    condition('Initialized', true),
    condition('Ready', ready),
    condition('ContainersReady', ready),
  ];
  return {
    phase,
    conditions,
    startTime,
    hostIP: place.hostIp,
    hostIPs: [{ ip: place.hostIp }],
    podIP: place.ip,
    podIPs: [{ ip: place.ip }],
    containerStatuses: views.map(containerStatus),
  };
}

export function isReady(conditions: Pod['status'] | PodStatus | undefined): boolean {
  return conditions?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

/** A container that has ended and is started again counts as running here: the kubelet says so too. */
function phaseOf(views: readonly ContainerView[]): Phase {
  const ended = views.flatMap(({ state }) => (state.kind === 'terminated' ? [state] : []));
  if (ended.length === views.length) return ended.every(({ exitCode }) => exitCode === 0) ? 'Succeeded' : 'Failed';
  const begun = views.some(({ state, last }) => state.kind !== 'waiting' || last !== null);
  return begun ? 'Running' : 'Pending';
}

function containerStatus({ name, image, state, pid, last, restartCount, started, ready }: ContainerView): object {
  return {
    name,
    image,
    imageID: image,
    ...(pid === null ? null : { containerID: `process://${pid}` }),
    ready,
    started,
    restartCount,
    state: stateOf(state),
    lastState: last === null ? {} : { terminated: terminated(last) },
  };
}

function stateOf(state: ContainerState): object {
  switch (state.kind) {
    case 'waiting':
      return { waiting: { reason: state.reason, message: state.message } };
    case 'running':
      return { running: { startedAt: state.startedAt } };
    case 'terminated':
      return { terminated: terminated(state) };
  }
}

function terminated({ exitCode, signal, startedAt, finishedAt }: Ended): object {
  return { exitCode, signal, startedAt, finishedAt, reason: exitCode === 0 ? 'Completed' : 'Error' };
}
