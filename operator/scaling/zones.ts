import type { ChatClusterSpec } from '../api/spec.ts';
import type { GatewayView } from '../fleet/fleet.ts';

/** How the gateways that stay are spread over zones. Those whose zone isn't known yet don't count. */
export interface Spread {
  /** Each zone that has any, the fullest first. Those of old settings count for nothing but that: their successors are spread anew. */
  readonly zones: readonly Zone[];
  /** The newest went where there were more than elsewhere already: the other zones seem to take none. */
  readonly isRefused: boolean;
}

interface Zone {
  readonly name: string;
  readonly gateways: number;
}

/** What the wish to outlive the largest zone asks for. */
export interface ZoneNeed {
  /** 0 without the wish, and with fewer than two zones, where no number would do. */
  readonly replicas: number;
  /** More would be needed, but there is no use in asking for them: the other zones take none. */
  readonly isHeldBack: boolean;
}

export const NO_SPREAD: Spread = { zones: [], isRefused: false };
const NO_NEED: ZoneNeed = { replicas: 0, isHeldBack: false };

export function spreadOf(gateways: readonly GatewayView[], revision: string): Spread {
  const counts = new Map<string, number>();
  let newest: GatewayView | null = null;
  for (const gateway of gateways) {
    const { zone, drain, phase } = gateway;
    if (zone === null || drain !== null || phase === 'dead' || phase === 'terminating') continue;
    const isCurrent = gateway.revision === revision;
    counts.set(zone, (counts.get(zone) ?? 0) + (isCurrent ? 1 : 0));
    if (isCurrent && (newest === null || gateway.ordinal > newest.ordinal)) newest = gateway;
  }
  if (counts.size === 0) return NO_SPREAD;
  const zones = [...counts].map(([name, count]) => ({ name, gateways: count })).sort((a, b) => b.gateways - a.gateways);
  const before = (counts.get(newest?.zone ?? '') ?? 0) - 1;
  return { zones, isRefused: before > (zones.at(-1)?.gateways ?? 0) };
}

/** The spread, and what it is without the gateways that still start. */
export function spreadsOf(gateways: readonly GatewayView[], revision: string): { readonly spread: Spread; readonly settled: Spread } {
  const spread = spreadOf(gateways, revision);
  const started = gateways.filter(({ phase }) => phase !== 'starting');
  return { spread, settled: started.length === gateways.length ? spread : spreadOf(started, revision) };
}

/**
 * Gateways of which enough are left when the zone with the most goes away: those in the others, filled to the brim, hold all connections.
 * left + largest, where left = ⌈connections / capacity⌉ are needed outside the largest zone, and `largest` is how many that one has then: new ones go where
 * there are the fewest and those that are too many leave where there are the most, so the largest needs no more than the least ℓ from ⌈left / (zones − 1)⌉ on
 * with Σ min(gateways of a zone, ℓ) ≥ left + ℓ, else it stays as large as it is. Spread evenly that makes ⌈left × zones / (zones − 1)⌉.
 * Where the other zones take none, asking for ever more would only fill the largest: then it is no more than there are already, or one above what would do
 * if they were spread evenly, or the load needs (`enough`). That one is there to find out whether they take some again.
 */
export function needForZones({ gateway, scaling }: ChatClusterSpec, connections: number, spread: Spread, enough: number): ZoneNeed {
  const { zones, isRefused } = spread;
  if (!scaling.standby.zoneFailure || zones.length < 2) return NO_NEED;
  const left = Math.ceil(connections / gateway.connectionsPerGateway);
  const least = Math.ceil(left / (zones.length - 1));
  const present = zones[0]?.gateways ?? 0;
  let largest = least;
  while (largest < present && countedUpTo(largest, zones) < left + largest) largest += 1;
  const most = isRefused ? Math.max(countedUpTo(present, zones), left + least + 1, enough + 1) : Number.POSITIVE_INFINITY;
  return { replicas: Math.min(left + largest, most), isHeldBack: left + largest > most };
}

/** The gateways that there are when each zone has no more than so many. */
function countedUpTo(most: number, zones: readonly Zone[]): number {
  return zones.reduce((sum, { gateways }) => sum + Math.min(gateways, most), 0);
}
