import type { GatewayView } from '../fleet/fleet.ts';
import { type Draft, isRequested, surgeOf } from './draft.ts';
import { held, heldBy, isAccepting, isUnused, roomOf } from './roles.ts';
import { type Victim, victimsOf } from './victims.ts';

/**
 * Room beyond what is moved that must be there before a gateway too many is drained, as a fraction of it: or else the drain would begin and be taken back.
 * A rollout and a person may use the last room.
 */
const RESERVE = 0.02;
/** The share of a drain's time in which the budget must suffice for all that moves: drains that begin together shall not run into their deadlines. */
const TIME_SHARE = 0.5;

/** Lets drains begin: those that people asked for, then victims of a scale-down or a rollout, one after the other as long as there is room. */
export function beginDrains(draft: Draft): void {
  const { roles, snapshot, desired, isDecided } = draft;
  const { revision } = snapshot;
  for (const gateway of roles.requested)
    wait(draft, remove(draft, { gateway, reason: 'a person asked for it' }, { to: receivers(draft), reserve: 0 }));
  if (!isDecided) return;
  const { current, outdated } = roles;
  if (draft.isPanic) {
    if (current.length > desired || outdated.length > 0) draft.waiting.push('no drain begins in panic: every gateway may be needed');
    return;
  }
  const unusedOutdated = outdated.filter(isUnused);
  for (const gateway of unusedOutdated.slice(0, spare(draft)))
    remove(draft, { gateway, reason: 'it runs old settings' }, { to: [], reserve: 0 });
  const surplus = current.length - desired;
  if (surplus > 0) removeSome(draft, victimsOf(current, revision), surplus, { to: receivers(draft), reserve: RESERVE });
  const left = outdated.length - unusedOutdated.length;
  if (left === 0) return;
  const isPaused = draft.rollout.kind === 'paused';
  // Only those that take connections replace an outdated one.
  const replaced = Math.min(
    left,
    count(current, isAccepting) + left - desired,
    isPaused ? current.length + left - desired - surgeOf(draft) : left,
  );
  if (replaced <= 0) return;
  // What is too many goes also while a rollout is paused, wherever there is room.
  draft.isStuck = isPaused || isStuck(draft);
  const victims = victimsOf(
    outdated.filter((gateway) => !isUnused(gateway)),
    revision,
  );
  // Nobody is moved onto a gateway that will be drained next: the room must be on the new ones.
  removeSome(draft, victims, replaced, { to: draft.isStuck ? receivers(draft) : current, reserve: 0 }, true);
}

/** How many may go at once, what is created in this plan included, so that the least there must be are left (invariant I4). */
function spare(draft: Draft): number {
  const { roles, creations, snapshot } = draft;
  const back = count(draft.takenBack, ({ gateway }) => !isRequested(draft, gateway));
  const there = roles.current.length + roles.outdated.length + back + creations.length;
  return Math.max(0, there - snapshot.cluster.spec.scaling.minReplicas);
}

/** Where the connections of a victim go. */
interface Way {
  readonly to: readonly GatewayView[];
  /** Room beyond what is moved, as a fraction of it. */
  readonly reserve: number;
}

/** One that has to wait keeps those behind it back, for they hold more; but not in a rollout, where all of them go and any order will do. */
function removeSome(draft: Draft, victims: Iterable<Victim>, most: number, way: Way, mayPass = false): void {
  let left = most;
  let first: string | null = null;
  for (const victim of victims) {
    if (left === 0) break;
    const why = remove(draft, victim, way);
    if (why === null) left -= 1;
    else first ??= why;
    if (why !== null && !mayPass) break;
  }
  if (left > 0) wait(draft, first);
}

function wait(draft: Draft, why: string | null): void {
  if (why !== null) draft.waiting.push(why);
}

/** Those that take connections and stay. */
function receivers({ roles }: Draft): readonly GatewayView[] {
  return roles.outdated.length === 0 ? roles.current : [...roles.current, ...roles.outdated];
}

/** Whether the new gateways have no room for any old one, nothing moves and no more new ones may be added. Then the room is taken where it is, so that the rollout goes on. */
function isStuck(draft: Draft): boolean {
  const { roles } = draft;
  return (
    draft.going.length + draft.paused.length + draft.begun.length + draft.creations.length === 0 &&
    roles.current.every((gateway) => gateway.phase !== 'starting') &&
    !roles.outdated.some((gateway) => held(gateway) <= roomAt(draft, roles.current, gateway))
  );
}

/** Deletes what was never used, or begins a drain if the receivers have room for it. Answers why it has to wait, or `null`. */
function remove(draft: Draft, victim: Victim, way: Way): string | null {
  const { gateway, reason } = victim;
  if (isUnused(gateway)) {
    draft.deletions.push({ kind: 'delete', gateway: gateway.name, reason: `${reason}, and never took a connection` });
    return null;
  }
  const why = whyNot(draft, gateway, way);
  if (why !== null) return `${gateway.name} waits to be drained: ${why}`;
  draft.begun.push(victim);
  return null;
}

function whyNot(draft: Draft, gateway: GatewayView, { to, reserve }: Way): string | null {
  const its = held(gateway);
  // An empty one that takes connections is room for those that move: with it the room would go.
  if (its === 0 && !isAccepting(gateway)) return null;
  if (draft.paused.length > 0) return 'other drains are paused';
  const { drain } = draft.snapshot.cluster.spec;
  const moving = heldBy(draft.roles.leaving) + heldBy(draft.going) + draft.begun.reduce((sum, other) => sum + held(other.gateway), 0);
  const all = moving + its;
  const room = roomAt(draft, its === 0 ? receivers(draft) : to, gateway);
  if (room < all + Math.ceil(all * reserve)) return `the others have room for ${room} connections, ${all} would have to move`;
  if (its > 0 && moving > 0 && all > (drain.maxConnectionsPerSecond * drain.timeoutMs * TIME_SHARE) / 1000)
    return `${moving} connections are moving already, as many as can in time`;
  return null;
}

/** Room without the gateway itself and those whose drain begins as well. */
function roomAt({ begun }: Draft, to: readonly GatewayView[], except: GatewayView): number {
  let room = 0;
  for (const gateway of to) {
    if (gateway === except || !isAccepting(gateway) || begun.some((victim) => victim.gateway === gateway)) continue;
    room += roomOf(gateway);
  }
  return room;
}

const count = <T>(items: readonly T[], is: (item: T) => boolean): number => items.reduce((sum, item) => sum + (is(item) ? 1 : 0), 0);
