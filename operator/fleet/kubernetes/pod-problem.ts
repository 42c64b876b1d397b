import { GATEWAY_CONTAINER } from '../../api/names.ts';
import type { GatewayPhase } from '../fleet.ts';
import type { ContainerStatus, Pod } from './pod.ts';
import { conditionOf, gatewayContainer, isReady } from './pod-facts.ts';
import type { Sighting } from './pod-view.ts';

type Seen = Pick<Sighting, 'status' | 'failures' | 'failure' | 'lost' | 'stillListedMs' | 'unreadyMs'>;

/** What a container waits for when all goes well. */
const EXPECTED = new Set(['ContainerCreating', 'PodInitializing']);

/** What can be done about what a container waits for. `of`: what to put behind `kubectl`'s verb to look at it. */
const REMEDIES: Readonly<Record<string, (of: string) => string>> = {
  CrashLoopBackOff: (of) => `its log says why: kubectl logs ${of} --previous`,
  ImagePullBackOff: () => 'check spec.pods.image, and imagePullSecrets in spec.pods.template',
  ErrImagePull: () => 'check spec.pods.image, and imagePullSecrets in spec.pods.template',
  InvalidImageName: () => 'correct spec.pods.image',
  ErrImageNeverPull: () => 'load the image onto the node, or change imagePullPolicy in spec.pods.template',
  CreateContainerConfigError: () => 'create the Secret or ConfigMap that it names',
  CreateContainerError: () => 'check spec.pods.template',
  RunContainerError: () => 'check spec.pods.template',
};

/** Cordoned gateways are forgotten within a second or two; after this time something is wrong with it, ms. */
const LISTED_TOO_LONG_MS = 30_000;
/** A probe may fail now and then, ms. */
const UNREADY_TOO_LONG_MS = 15_000;

/** What keeps a gateway from its work, in one line for people, with the remedy where there is one; `null` when nothing is known. */
export function podProblem(pod: Pod, phase: GatewayPhase, seen: Seen): string | null {
  const { namespace = '', name } = pod.metadata;
  const of = `-n ${namespace} ${name}`;
  if (phase === 'dead') return whyDead(pod, seen);
  if (phase === 'terminating') return null;
  const unscheduled = conditionOf(pod, 'PodScheduled');
  if (unscheduled?.status === 'False')
    return `${unscheduled.reason ?? 'Unscheduled'}: ${oneLine(unscheduled.message ?? 'no node takes it')}`;
  const waiting = whyWaiting(pod, of);
  if (waiting !== null) return waiting;
  if (conditionOf(pod, 'Ready')?.status === 'Unknown')
    return `node ${pod.spec.nodeName ?? ''} has not been heard of: see kubectl get nodes`;
  if (seen.failure !== null && (phase === 'unreachable' || seen.failures >= SILENT_AFTER))
    return `it does not answer: ${oneLine(seen.failure)}`;
  if (seen.status?.broker === 'degraded') return 'it can not reach the broker: see spec.broker and its log';
  if (seen.unreadyMs >= UNREADY_TOO_LONG_MS && !isReady(pod))
    return 'its readiness probe fails though it answers us: see kubectl describe pod';
  if (seen.stillListedMs >= LISTED_TOO_LONG_MS)
    return 'it is cordoned, but its Service still lists it: nobody is moved before that is over';
  return null;
}

/** Failed scrapes in a row that are worth a word. */
const SILENT_AFTER = 5;

function whyDead(pod: Pod, { lost }: Seen): string {
  const terminated = gatewayContainer(pod)?.state?.terminated;
  const { reason, message } = pod.status ?? {};
  if (lost && pod.status?.phase === 'Running') return `its node ${pod.spec.nodeName ?? ''} is gone`;
  if (reason !== undefined) return message === undefined ? reason : `${reason}: ${oneLine(message)}`;
  return terminated === undefined ? 'it ended' : ended(terminated);
}

function whyWaiting(pod: Pod, of: string): string | null {
  const all = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  for (const container of all) {
    const { reason, message } = container.state?.waiting ?? {};
    if (reason === undefined || EXPECTED.has(reason)) continue;
    const where = container.name === GATEWAY_CONTAINER ? '' : `container ${container.name}: `;
    const why = [reason, lastEnd(container), message === undefined || reason === 'CrashLoopBackOff' ? null : oneLine(message)];
    const remedy = Object.hasOwn(REMEDIES, reason) ? REMEDIES[reason]?.(of) : undefined;
    return `${where}${why.filter((part) => part !== null).join(': ')}${remedy === undefined ? '' : `; ${remedy}`}`;
  }
  return null;
}

function lastEnd({ restartCount, lastState }: ContainerStatus): string | null {
  const { terminated } = lastState ?? {};
  return terminated === undefined ? null : `${ended(terminated)}, started ${restartCount + 1} times`;
}

function ended({ exitCode, reason }: { readonly exitCode: number; readonly reason?: string }): string {
  return reason === 'OOMKilled' ? 'it was killed for its memory; raise its memory limit' : `it ended with exit code ${exitCode}`;
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}
