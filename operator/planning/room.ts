import type { GatewayView } from '../fleet/fleet.ts';
import { held, isAccepting, roomOf } from './roles.ts';

/** Room of the gateways that take connections, without those in `without`, connections. */
export function freeRoom(gateways: readonly GatewayView[], without: ReadonlySet<string>): number {
  let room = 0;
  for (const gateway of gateways) if (isAccepting(gateway) && !without.has(gateway.name)) room += roomOf(gateway);
  return room;
}

/** Connections that still have to leave these gateways. */
export function toBeMoved(gateways: readonly GatewayView[]): number {
  let sum = 0;
  for (const gateway of gateways) if (gateway.phase !== 'dead') sum += held(gateway);
  return sum;
}
