import { ANNOTATIONS } from '../../operator/api/names.ts';
import { RESOURCES } from '../../operator/kube/object.ts';
import { onKubernetes } from './command.ts';
import { findCluster } from './find.ts';
import type { KubeChoice } from './target.ts';

/** Asks to even out the connections; the operator does it when nothing else moves any. */
export function rebalanceOnKubernetes(name: string | undefined, choice: KubeChoice): Promise<void> {
  return onKubernetes(choice, async (connection) => {
    const cluster = await findCluster(connection, name);
    await connection.annotate(RESOURCES.chatclusters, cluster, { [ANNOTATIONS.rebalance]: new Date().toISOString() });
    process.stdout.write(`The connections of ${cluster.metadata.name} are evened out. Watch it with "kubectl chatcluster top --watch".\n`);
  });
}
