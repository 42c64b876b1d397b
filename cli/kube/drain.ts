import { setTimeout as sleep } from 'node:timers/promises';
import { ANNOTATIONS, LABELS } from '../../operator/api/names.ts';
import type { Pod } from '../../operator/fleet/kubernetes/pod.ts';
import { KubeError } from '../../operator/kube/error.ts';
import { RESOURCES } from '../../operator/kube/object.ts';
import type { ResourceDrain } from '../../operator/status/resource-status.ts';
import { grouped, span } from '../../operator/status/text.ts';
import { Failure } from '../failure.ts';
import { interruption } from '../output.ts';
import { ProgressLine } from '../progress-line.ts';
import { onKubernetes } from './command.ts';
import type { Connection } from './connection.ts';
import { isPassing } from './failures.ts';
import { type ClusterResource, findGateway } from './find.ts';
import type { KubeChoice } from './target.ts';

const LOOK_MS = 1_000;
/** As shells have it for what SIGINT ended. */
const INTERRUPTED = 130;

/** Asks the operator, by an annotation of its Pod, to drain a gateway. `wait`: resolves when it is gone. */
export function drainOnKubernetes(gateway: string, choice: KubeChoice, wait: boolean): Promise<void> {
  return onKubernetes(choice, async (connection) => {
    const pod = await findGateway(connection, gateway);
    const { name, annotations = {}, deletionTimestamp } = pod.metadata;
    const asked = annotations[ANNOTATIONS.drain] === 'requested';
    if (deletionTimestamp === undefined && !asked) await connection.annotate(RESOURCES.pods, pod, { [ANNOTATIONS.drain]: 'requested' });
    if (wait) {
      await untilGone(connection, pod);
      return;
    }
    if (deletionTimestamp !== undefined) process.stdout.write(`${name} is going already.\n`);
    else process.stdout.write(`${name} ${asked ? 'drains already' : 'drains'}. Watch it with "kubectl chatcluster status --watch".\n`);
  });
}

/** Resolves when the Pod is gone, or with Ctrl-C; throws a Failure when somebody takes the drain back. */
async function untilGone(connection: Connection, pod: Pod): Promise<void> {
  const { name } = pod.metadata;
  const interrupted = interruption();
  const line = new ProgressLine(process.stderr);
  const startedAt = performance.now();
  try {
    for (;;) {
      const text = await progressOf(connection, pod, interrupted.signal);
      if (text === null) break;
      line.show(text, performance.now() - startedAt);
      await sleep(LOOK_MS, undefined, { signal: interrupted.signal });
    }
    line.clear();
    process.stdout.write(`${name} is gone.\n`);
  } catch (error) {
    line.clear();
    if (!interrupted.signal.aborted) throw error;
    process.stdout.write(`${name} drains on. "kubectl chatcluster uncordon ${name}" takes it back.\n`);
    process.exitCode = INTERRUPTED;
  } finally {
    interrupted.end();
  }
}

/** How far it is, in a line; null when the gateway is gone. What passes by itself is told in the line. */
async function progressOf({ api }: Connection, { metadata }: Pod, signal: AbortSignal): Promise<string | null> {
  const { name, uid, labels = {} } = metadata;
  const namespace = metadata.namespace ?? '';
  try {
    const pod = await api.get<Pod>(RESOURCES.pods, namespace, name, { signal });
    if (pod === null || pod.metadata.uid !== uid) return null;
    const { deletionTimestamp, annotations = {} } = pod.metadata;
    if (deletionTimestamp !== undefined) return `${name} is empty and stops`;
    if (annotations[ANNOTATIONS.drain] === undefined) throw new Failure(`Somebody took the drain of ${name} back.`);
    const cluster = await api.get<ClusterResource>(RESOURCES.chatclusters, namespace, labels[LABELS.cluster] ?? '', { signal });
    return progressText(
      name,
      cluster?.status?.drains?.find(({ gateway }) => gateway === name),
    );
  } catch (error) {
    if (error instanceof KubeError && isPassing(error) && !signal.aborted) return error.message;
    throw error;
  }
}

/** A drain that isn't in the status waits: for its operator to see it, or for room. */
export function progressText(gateway: string, drain: ResourceDrain | undefined): string {
  if (drain === undefined) return `${gateway}: not begun, until the operator has seen it and the others have room`;
  const { initial, remaining, ratePerSecond, etaSeconds } = drain;
  const pace =
    etaSeconds === undefined
      ? 'waits for room'
      : `${ratePerSecond.toFixed(ratePerSecond < 10 ? 1 : 0)}/s, empty in ${span(etaSeconds * 1_000)}`;
  return `${gateway}: ${grouped(remaining)} of ${grouped(initial)} connections left, ${pace}`;
}
