import { ANNOTATIONS, LABELS } from '../../operator/api/names.ts';
import type { Pod } from '../../operator/fleet/kubernetes/pod.ts';
import { RESOURCES } from '../../operator/kube/object.ts';
import { Failure } from '../failure.ts';
import { onKubernetes } from './command.ts';
import type { ClusterResource } from './find.ts';
import { findGateway } from './find.ts';
import type { KubeChoice } from './target.ts';

/** Takes back the drain that somebody asked for. Throws a Failure where there is another reason for it. */
export function uncordonOnKubernetes(gateway: string, choice: KubeChoice): Promise<void> {
  return onKubernetes(choice, async (connection) => {
    const pod = await findGateway(connection, gateway);
    const { name, labels = {}, annotations = {}, deletionTimestamp } = pod.metadata;
    if (deletionTimestamp !== undefined) throw new Failure(`${name} is going already: that can't be taken back.`);
    if (annotations[ANNOTATIONS.drain] === undefined) {
      if (isTakingConnections(pod)) {
        process.stdout.write(`${name} takes connections: there is nothing to take back.\n`);
        return;
      }
      const cluster = await connection.api.get<ClusterResource>(RESOURCES.chatclusters, connection.namespace, labels[LABELS.cluster] ?? '');
      throw new Failure(othersReason(name, cluster));
    }
    await connection.annotate(RESOURCES.pods, pod, { [ANNOTATIONS.drain]: null });
    process.stdout.write(`${name} takes connections again, unless there is another reason to drain it.\n`);
  });
}

function isTakingConnections({ metadata: { labels = {}, annotations = {} } }: Pod): boolean {
  return labels[LABELS.accepting] !== 'false' && annotations[ANNOTATIONS.draining] === undefined;
}

/** Nobody asked for it, so the operator decided it. */
function othersReason(gateway: string, cluster: ClusterResource | null): string {
  const reason =
    cluster?.status?.drains?.find((drain) => drain.gateway === gateway)?.reason ??
    cluster?.status?.decisions?.find((decision) => decision.gateway === gateway)?.reasons[0];
  const why = reason === undefined ? '' : `: ${reason}`;
  return `Nobody asked for the drain of ${gateway}, its operator decided it${why}. To keep the number of gateways, use "kubectl chatcluster pause --down".`;
}
