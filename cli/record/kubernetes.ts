import { clusterStatusOf, podsOf } from '../kube/cluster-status.ts';
import { onKubernetes } from '../kube/command.ts';
import { passingTrouble } from '../kube/failures.ts';
import { findCluster } from '../kube/find.ts';
import { sampleAll } from '../kube/sampler.ts';
import type { KubeChoice } from '../kube/target.ts';
import { record } from './record.ts';
import { observedOnKubernetes } from './views.ts';

/** Many may look at one Kubernetes: it is asked this often, ms. */
const KUBERNETES_MS = 2_000;

/** Records a ChatCluster on Kubernetes until Ctrl-C. */
export function recordOnKubernetes(name: string | undefined, choice: KubeChoice, path: string): Promise<void> {
  return onKubernetes(choice, (connection) => {
    const metricsOf = connection.metricsOf.bind(connection);
    return record({
      path,
      look: async (signal) => {
        const cluster = await findCluster(connection, name, signal);
        const pods = await podsOf(connection, cluster, signal);
        return observedOnKubernetes(clusterStatusOf(cluster, pods), await sampleAll(pods, metricsOf, signal));
      },
      everyMs: KUBERNETES_MS,
      passing: passingTrouble,
    });
  });
}
