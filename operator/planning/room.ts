import type { GatewayView } from '../fleet/fleet.ts';
import { held, isAccepting, roomOf } from './roles.ts';

/** Room of the gateways that take connections, without those in `without`, connections. */
export function freeRoom(gateways: readonly GatewayView[], without: ReadonlySet<string>): number {
  let room = 0;
  for (const gateway of gateways) if (isAccepting(gateway) && !without.has(gateway.name)) room += roomOf(gateway);
  return room;
}

/** Connections that still have to leave these gateways. */
export const toBeMoved = (gateways: readonly GatewayView[]): number => gateways.reduce((sum, gateway) => sum + held(gateway), 0);
