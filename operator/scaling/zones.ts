import type { ChatClusterSpec } from '../api/spec.ts';
import type { GatewayView } from '../fleet/fleet.ts';

/** In how many zones there are gateways that stay; those whose zone isn't known yet don't count. */
export function zonesOf(gateways: readonly GatewayView[]): number {
  const zones = new Set<string>();
  for (const { zone, drain, phase } of gateways)
    if (zone !== null && drain === null && phase !== 'dead' && phase !== 'terminating') zones.add(zone);
  return zones.size;
}

/**
 * Gateways of which enough are left when the largest of the zones goes away: those in the others hold the connections, filled to the brim. They are taken to
 * be spread evenly, as planning and the scheduler do. 0 without the wish for it, and with one zone, where no number would do.
 */
export function neededForZones({ gateway, scaling }: ChatClusterSpec, connections: number, zones: number): number {
  if (!scaling.standby.zoneFailure || zones < 2) return 0;
  const left = Math.ceil(connections / gateway.connectionsPerGateway);
  return Math.ceil((left * zones) / (zones - 1));
}
