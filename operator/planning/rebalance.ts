import type { GatewayView } from '../fleet/fleet.ts';
import type { Snapshot } from '../snapshot.ts';
import { isAccepting, type Roles } from './roles.ts';

/** How many connections a gateway should shed. */
export interface Surplus {
  readonly gateway: GatewayView;
  readonly count: number;
  readonly mean: number;
}

/**
 * Gateways that hold more than the mean by more than `maxSkew` (and by more than one connection, for small fleets can't be more even than that), each with
 * what it has above the mean. One that sheds already goes on until it is at the mean, so that a constant load comes to rest (invariant I5).
 * Nobody sheds while others drain or are rolled out: they move connections anyway.
 */
export function surpluses({ cluster }: Snapshot, { current, outdated, draining, requested }: Roles): Surplus[] {
  const { enabled, maxSkew } = cluster.spec.rebalance;
  if (!enabled || outdated.length > 0 || draining.length > 0 || requested.length > 0) return [];
  const receivers = current.filter(isAccepting);
  if (receivers.length < 2) return [];
  let total = 0;
  for (const { connections } of receivers) {
    if (connections === null) return [];
    total += connections;
  }
  const mean = total / receivers.length;
  const limit = Math.max(mean * (1 + maxSkew), mean + 1);
  return receivers.flatMap((gateway) => {
    const holds = (gateway.connections ?? 0) - gateway.migrating;
    const count = Math.floor(holds - mean);
    const sheds = gateway.shed !== null && gateway.shed.remaining > 0;
    return count > 0 && (holds > limit || sheds) ? [{ gateway, count, mean: Math.round(mean) }] : [];
  });
}
