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
    let told: string | null = null;
    return record({
      path,
      look: async (signal) => {
        const cluster = await findCluster(connection, name, signal);
        const pods = await podsOf(connection, cluster, signal);
        const [status, samples] = [clusterStatusOf(cluster, pods), await sampleAll(pods, metricsOf, signal)];
        const { forbidden } = samples;
        if (forbidden !== null && forbidden !== told) process.stderr.write(`${withoutGateways(status.namespace, forbidden)}\n`);
        told = forbidden;
        return observedOnKubernetes(status, samples);
      },
      everyMs: KUBERNETES_MS,
      passing: passingTrouble,
    });
  });
}

const withoutGateways = (namespace: string, forbidden: string): string =>
  `Records the operator's sum, which it writes every few seconds: ${forbidden}. A Role with the verb get on pods/proxy in namespace ${namespace} gives the gateways' own figures.`;
