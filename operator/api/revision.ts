import { createHash } from 'node:crypto';
import type { GatewaySpec } from './spec.ts';

/**
 * The revision of gateways with these settings: ten hex digits, equal for equal settings in whatever order they stand.
 * Only `spec.gateway` counts: a change of scaling or draining applies to running gateways and needs no rollout.
 */
export function revisionOf(gateway: GatewaySpec): string {
  const settings = Object.entries(gateway).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 10);
}
