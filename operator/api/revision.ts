import { createHash } from 'node:crypto';
import type { ChatClusterSpec } from './spec.ts';

/**
 * The revision of gateways with these settings: ten hex digits, equal for equal settings in whatever order they stand.
 * `spec.gateway` counts, and with a Redis `spec.broker` and `spec.history`, by which each gateway then works: a change of
 * scaling or draining, or of the history in an embedded broker, applies to running gateways and needs no rollout.
 */
export function revisionOf({ gateway, broker, history }: Pick<ChatClusterSpec, 'gateway' | 'broker' | 'history'>): string {
  const settings = [gateway, ...(broker.url === null ? [] : [broker, history])].map(inOrder);
  return createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 10);
}

function inOrder(group: object): readonly (readonly [string, unknown])[] {
  return Object.entries(group).sort(([a], [b]) => (a < b ? -1 : 1));
}
