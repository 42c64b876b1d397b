import type { Action } from '../fleet/fleet.ts';
import type { Snapshot } from '../snapshot.ts';
import type { NumberPlan } from './number.ts';
import { isAccepting, type Roles, roomOf } from './roles.ts';
import { toBeMoved } from './room.ts';

/** Room that the gateways of the present settings keep for newcomers, as a fraction of all connections, before the outdated take none; and half of it before they do again. */
const RESERVE = 0.05;

/**
 * During a rollout nobody is moved onto a gateway that will be drained next: the outdated take no connection as long as the others have room for
 * what is being moved and for newcomers. Without a rollout nothing stays cordoned but what is drained.
 */
export function planSteering(snapshot: Snapshot, roles: Roles, { begun, takenBack }: NumberPlan): Action[] {
  const { current, outdated, draining, requested } = roles;
  const leaving = new Set([...begun.map(({ gateway }) => gateway.name), ...requested.map(({ name }) => name)]);
  const actions: Action[] = current
    .filter((gateway) => gateway.cordoned && gateway.phase === 'ready' && !leaving.has(gateway.name))
    .map(({ name }) => ({ kind: 'uncordon', gateway: name, reason: 'it is wanted' }));
  if (outdated.length === 0) return actions;
  const room = current
    .filter((gateway) => isAccepting(gateway) && !leaving.has(gateway.name))
    .reduce((sum, gateway) => sum + roomOf(gateway), 0);
  const moving = toBeMoved(draining.filter(({ name }) => !takenBack.has(name))) + toBeMoved(begun.map(({ gateway }) => gateway));
  const reserve = Math.max(1, Math.ceil(toBeMoved(snapshot.gateways) * RESERVE));
  for (const gateway of outdated) {
    if (gateway.phase !== 'ready' || leaving.has(gateway.name)) continue;
    if (!gateway.cordoned && room >= moving + reserve)
      actions.push({ kind: 'cordon', gateway: gateway.name, reason: 'it runs old settings, and the new gateways have room' });
    if (gateway.cordoned && room < moving + reserve / 2)
      actions.push({ kind: 'uncordon', gateway: gateway.name, reason: 'the new gateways have little room' });
  }
  return actions;
}
