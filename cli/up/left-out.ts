import { NAMES } from '../../operator/api/names.ts';
import type { ChatCluster } from '../../operator/api/spec.ts';

/** What of a ChatCluster is for Kubernetes alone though people may wait for it here, for people; `null` when there is nothing. */
export function leftOut({ name, spec: { longPolling } }: ChatCluster): string | null {
  if (longPolling === null) return null;
  return `spec.longPolling is left out here: ${NAMES.longPollFarm(name)} is made on Kubernetes; on one machine the gateways answer polls too.`;
}
