import type { GatewayView } from '../fleet/fleet.ts';
import type { Snapshot } from '../snapshot.ts';

/** What each gateway that is not dead is to the planner: each is in exactly one of the lists. */
export interface Roles {
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
  const roles = { leaving: [], draining: [], requested: [], current: [], outdated: [] } as Record<keyof Roles, GatewayView[]>;
  for (const gateway of gateways) {
    if (gateway.phase === 'terminating') roles.leaving.push(gateway);
    else if (gateway.drain !== null) roles.draining.push(gateway);
    else if (drainRequests.includes(gateway.name)) roles.requested.push(gateway);
    else if (gateway.revision === revision) roles.current.push(gateway);
    else roles.outdated.push(gateway);
  }
  return roles;
}

/** Connections that it holds, as far as is known: one that never answered may be full, one that starts holds none. */
export function held(gateway: GatewayView): number {
  if (gateway.phase === 'starting') return gateway.connections ?? 0;
  return gateway.connections ?? gateway.capacity;
}

/** Whether a moved connection may land there. */
export const isAccepting = (gateway: GatewayView): boolean => gateway.phase === 'ready' && !gateway.cordoned && gateway.drain === null;

/** How many more connections it takes. */
export const roomOf = (gateway: GatewayView): number => Math.max(0, gateway.capacity - held(gateway));
