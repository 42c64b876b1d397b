import type { GatewayView } from '../fleet/fleet.ts';
import type { Draft } from './draft.ts';
import { held, heldBy, isAccepting, isUnused, roomOf } from './roles.ts';
import { type Victim, victimsOf } from './victims.ts';

/** Room beyond what is moved that must be there before a drain begins, as a fraction of it: or else it would begin and be paused. */
const RESERVE = 0.02;
/** The share of a drain's time in which the budget must suffice for all that moves: drains that begin together shall not run into their deadlines. */
const TIME_SHARE = 0.5;

/** Lets drains begin: those that people asked for, then victims of a scale-down or a rollout, one after the other as long as there is room. */
export function beginDrains(draft: Draft): void {
  const { roles, snapshot, desired, isDecided } = draft;
  const { revision } = snapshot;
  for (const gateway of roles.requested) remove(draft, { gateway, reason: 'a person asked for it' }, receivers(draft));
  if (!isDecided) return;
  const { current, outdated } = roles;
  const unusedOutdated = outdated.filter(isUnused);
  for (const gateway of unusedOutdated) remove(draft, { gateway, reason: 'it runs old settings' }, []);
  const surplus = current.length - desired;
  if (surplus > 0) removeSome(draft, victimsOf(current, revision), surplus, receivers);
  const left = outdated.length - unusedOutdated.length;
  if (left === 0) return;
  // Only those that take connections replace an outdated one.
  const replaced = Math.min(left, count(current, isAccepting) + left - desired);
  if (replaced > 0)
    removeSome(
      draft,
      victimsOf(
        outdated.filter((gateway) => !isUnused(gateway)),
        revision,
      ),
      replaced,
      rolloutReceivers,
    );
}

function removeSome(draft: Draft, victims: Iterable<Victim>, most: number, to: (draft: Draft) => readonly GatewayView[]): void {
  let left = most;
  for (const victim of victims) {
    if (left-- <= 0 || !remove(draft, victim, to(draft))) return;
  }
}

/** Those that take connections and stay. */
function receivers({ roles }: Draft): readonly GatewayView[] {
  return roles.outdated.length === 0 ? roles.current : [...roles.current, ...roles.outdated];
}

/**
 * Nobody is moved onto a gateway that will be drained next: the room must be on the new ones. Only when they have none, nothing else moves and no more new ones
 * may be added is it taken where it is, so that a rollout never stands still.
 */
function rolloutReceivers(draft: Draft): readonly GatewayView[] {
  const { roles } = draft;
  const isStuck =
    draft.going.length + draft.paused.length + draft.begun.length + draft.creations.length === 0 &&
    roles.current.every((gateway) => gateway.phase !== 'starting') &&
    !roles.outdated.some((gateway) => held(gateway) + reserveFor(held(gateway)) <= roomAt(draft, roles.current, gateway));
  return isStuck ? receivers(draft) : roles.current;
}

/** Deletes what was never used, or begins a drain if the receivers have room for it. False when it has to wait. */
function remove(draft: Draft, victim: Victim, to: readonly GatewayView[]): boolean {
  const { gateway, reason } = victim;
  if (isUnused(gateway)) {
    draft.deletions.push({ kind: 'delete', gateway: gateway.name, reason: `${reason}, and never took a connection` });
    return true;
  }
  const why = whyNot(draft, gateway, to);
  if (why === null) draft.begun.push(victim);
  else draft.waiting.push(`${gateway.name} waits to be drained: ${why}`);
  return why === null;
}

function whyNot(draft: Draft, gateway: GatewayView, to: readonly GatewayView[]): string | null {
  const its = held(gateway);
  if (its === 0) return null;
  if (draft.paused.length > 0) return 'other drains are paused';
  const { drain } = draft.snapshot.cluster.spec;
  const moving = heldBy(draft.roles.leaving) + heldBy(draft.going) + draft.begun.reduce((sum, other) => sum + held(other.gateway), 0);
  const all = moving + its;
  const room = roomAt(draft, to, gateway);
  if (room < all + reserveFor(all)) return `the others have room for ${room} connections, ${all} would have to move`;
  if (moving > 0 && all > (drain.maxConnectionsPerSecond * drain.timeoutMs * TIME_SHARE) / 1000)
    return `${moving} connections are moving already, as many as can in time`;
  return null;
}

const reserveFor = (connections: number): number => Math.ceil(connections * RESERVE);

/** Room without the gateway itself and those whose drain begins as well. */
function roomAt({ begun }: Draft, to: readonly GatewayView[], except: GatewayView): number {
  let room = 0;
  for (const gateway of to) {
    if (gateway === except || !isAccepting(gateway) || begun.some((victim) => victim.gateway === gateway)) continue;
    room += roomOf(gateway);
  }
  return room;
}

const count = (gateways: readonly GatewayView[], is: (gateway: GatewayView) => boolean): number =>
  gateways.reduce((sum, gateway) => sum + (is(gateway) ? 1 : 0), 0);
