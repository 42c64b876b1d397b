import type { GatewayView } from '../fleet/fleet.ts';
import type { Snapshot } from '../snapshot.ts';

/** What each gateway is to the planner. Every gateway is in exactly one of the lists. */
export interface Roles {
  /** Its process is gone; only the record is left. */
  readonly dead: readonly GatewayView[];
  /** Stops by itself and never comes back. */
  readonly leaving: readonly GatewayView[];
  /** Being drained. */
  readonly draining: readonly GatewayView[];
  /** To be drained because a person asked for it. */
  readonly requested: readonly GatewayView[];
  /** All others, of the present settings. */
  readonly current: readonly GatewayView[];
  /** All others, of other settings. */
  readonly outdated: readonly GatewayView[];
}

export function rolesOf({ gateways, revision, drainRequests }: Snapshot): Roles {
  const roles = { dead: [], leaving: [], draining: [], requested: [], current: [], outdated: [] } as Record<keyof Roles, GatewayView[]>;
  for (const gateway of gateways) {
    if (gateway.phase === 'dead') roles.dead.push(gateway);
    else if (gateway.phase === 'terminating') roles.leaving.push(gateway);
    else if (gateway.drain !== null) roles.draining.push(gateway);
    else if (drainRequests.length > 0 && drainRequests.includes(gateway.name)) roles.requested.push(gateway);
    else if (gateway.revision === revision) roles.current.push(gateway);
    else roles.outdated.push(gateway);
  }
  return roles;
}

/** Connections that it holds, as far as is known: one that never answered may be full, one that starts holds none. */
export function held(gateway: GatewayView): number {
  if (gateway.connections !== null) return gateway.connections;
  return gateway.phase === 'starting' ? 0 : gateway.capacity;
}

/** Connections of all of them. */
export function heldBy(gateways: readonly GatewayView[]): number {
  let sum = 0;
  for (const gateway of gateways) sum += held(gateway);
  return sum;
}

/** Whether a new connection may land there. */
export const isAccepting = (gateway: GatewayView): boolean => gateway.phase === 'ready' && !gateway.cordoned && gateway.drain === null;

/** How many more connections it has room for. */
export const roomOf = (gateway: GatewayView): number => Math.max(0, gateway.capacity - held(gateway));

/** Room of those that take connections. */
export function roomIn(gateways: readonly GatewayView[]): number {
  let room = 0;
  for (const gateway of gateways) if (isAccepting(gateway)) room += roomOf(gateway);
  return room;
}

/** Whether it never took a connection, and so can go without a drain. */
export const isUnused = (gateway: GatewayView): boolean => gateway.phase === 'starting' && held(gateway) === 0;
