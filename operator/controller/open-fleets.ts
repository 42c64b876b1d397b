import { KubernetesFleet, type KubernetesFleetOptions } from '../fleet/kubernetes/kubernetes-fleet.ts';
import type { ManagedFleet } from './cluster-loop.ts';
import type { FleetRequest } from './tenure.ts';

/** What the fleets of all ChatClusters share. */
export type Shared = Omit<KubernetesFleetOptions, 'cluster' | 'owner' | 'adminToken'>;

/** Opens the fleet of a ChatCluster. */
export function openFleets(shared: Shared): (request: FleetRequest) => ManagedFleet {
  return ({ cluster, owner, token }) => new KubernetesFleet({ ...shared, cluster, owner, adminToken: token });
}
