import type { GatewayView } from '../fleet/fleet.ts';
import { held, isUnused } from './roles.ts';

/** Who goes next, and why. */
export interface Victim {
  readonly gateway: GatewayView;
  readonly reason: string;
}

interface Context {
  readonly revision: string;
  /** Gateways left in each zone. */
  readonly zones: ReadonlyMap<string | null, number>;
}

/** In the order of their weight: the first that tells two gateways apart decides. Less goes first. */
const POLICIES: readonly { readonly why: string; readonly rank: (gateway: GatewayView, context: Context) => number }[] = [
  { why: 'it takes no connection yet', rank: (gateway) => (isUnused(gateway) ? 0 : 1) },
  { why: 'it does not answer', rank: (gateway) => (gateway.phase === 'unreachable' ? 0 : 1) },
  { why: 'it runs old settings', rank: (gateway, { revision }) => (gateway.revision === revision ? 1 : 0) },
  // During a rollout some are cordoned already so that nobody is moved onto them: they are next.
  { why: 'it takes no connection any more', rank: (gateway) => (gateway.cordoned ? 0 : 1) },
  { why: 'its zone has the most gateways', rank: (gateway, { zones }) => -(zones.get(gateway.zone) ?? 0) },
  { why: 'it has the fewest connections', rank: held },
  { why: 'it is the youngest', rank: (gateway) => -gateway.ordinal },
];

/** Gateways in the order in which they should go when there are too many, one at a time as they are asked for. */
export function* victimsOf(candidates: readonly GatewayView[], revision: string): Generator<Victim, void, undefined> {
  const left = new Set(candidates);
  const zones = new Map<string | null, number>();
  for (const { zone } of left) zones.set(zone, (zones.get(zone) ?? 0) + 1);
  const context = { revision, zones };
  while (left.size > 0) {
    let victim: Victim | null = null;
    for (const gateway of left) {
      if (victim === null) victim = { gateway, reason: 'it is the only one' };
      else victim = soonerOf(victim, gateway, context);
    }
    if (victim === null) return;
    left.delete(victim.gateway);
    const { zone } = victim.gateway;
    zones.set(zone, (zones.get(zone) ?? 0) - 1);
    yield victim;
  }
}

function soonerOf(victim: Victim, other: GatewayView, context: Context): Victim {
  for (const { why, rank } of POLICIES) {
    const difference = rank(victim.gateway, context) - rank(other, context);
    if (difference < 0) return { gateway: victim.gateway, reason: why };
    if (difference > 0) return { gateway: other, reason: why };
  }
  return victim;
}
