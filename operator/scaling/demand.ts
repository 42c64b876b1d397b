import type { GatewayView } from '../fleet/fleet.ts';

/** How many connections there are: a range, because a gateway that doesn't answer may hold anything. */
export interface Demand {
  /** Every count that is known, also an old one, without those that were asked to move: where they go they are counted again. Enough to scale up by. */
  readonly low: number;
  /** As `low`, but a gateway without a fresh count is taken to be full. Needed to scale down by. */
  readonly high: number;
  /** Gateways that should have a fresh count. */
  readonly asked: number;
  /** Of these, how many have none. */
  readonly missing: number;
}

/**
 * Sums what the gateways hold. Missing data is never zero: without a fresh count the last known one stands in `low` and the capacity in `high`
 * (the last known one there too if the gateway is cordoned, for then it can't have gained any).
 * A gateway that is still starting holds none; a dead one holds none any more. `staleAfterMs`: the age from which a count is old.
 */
export function demandOf(gateways: readonly GatewayView[], now: number, staleAfterMs: number): Demand {
  let low = 0;
  let high = 0;
  let asked = 0;
  let missing = 0;
  for (const gateway of gateways) {
    if (gateway.phase === 'dead') continue;
    const { connections } = gateway;
    if (gateway.phase === 'starting') {
      low += connections ?? 0;
      high += connections ?? 0;
      continue;
    }
    asked += 1;
    const fresh = gateway.phase !== 'unreachable' && gateway.observedAt !== null && now - gateway.observedAt <= staleAfterMs;
    if (connections !== null) low += Math.max(0, connections - gateway.migrating);
    if (connections !== null && (fresh || gateway.cordoned)) high += connections;
    else high += Math.max(gateway.capacity, connections ?? 0);
    if (!fresh || connections === null) missing += 1;
  }
  return { low, high, asked, missing };
}
