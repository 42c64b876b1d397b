import type { GatewayView } from '../fleet/fleet.ts';
import type { Draft } from './draft.ts';
import { held, heldBy, isAccepting, roomIn, roomOf } from './roles.ts';

/**
 * The share of the desired gateways that must take connections during a rollout: what a few new ones accept per second doesn't do for all who come to a large
 * fleet. So with a surge of less than a tenth the first to be moved may land on an old gateway again.
 */
const ACCEPTING_SHARE = 0.1;
/** Room beyond what moves, as a fraction of the capacity, before one more outdated gateway takes no connection; and below which one does again. */
const RESERVE = 0.1;
const LEAST_RESERVE = 0.05;

/**
 * Says who takes new connections. During a rollout nobody shall be moved onto a gateway that will be drained as well: as soon as the first is drained, the
 * other outdated ones take no more, as long as the new ones have room. Nothing else that answers stays cordoned but what is drained.
 */
export function steer(draft: Draft): void {
  const { roles, steering, begun } = draft;
  for (const gateway of roles.current) {
    if (gateway.cordoned && gateway.phase === 'ready' && !begun.some((victim) => victim.gateway === gateway))
      steering.push({ kind: 'uncordon', gateway: gateway.name, reason: 'it is wanted' });
  }
  for (const { gateway, reason } of draft.takenBack) steering.push({ kind: 'uncordon', gateway: gateway.name, reason });
  for (const gateway of roles.outdated)
    if (isTakenBack(draft, gateway)) steering.push({ kind: 'uncordon', gateway: gateway.name, reason: 'a person took it back' });
  if (draft.rollout.kind === 'paused') openOutdated(draft);
  else steerRollout(draft);
}

/** A person wants it to take connections; seen to do so, it is steered as all others. */
const isTakenBack = ({ snapshot }: Draft, gateway: GatewayView): boolean => gateway.cordoned && snapshot.takeBacks.includes(gateway.name);

/** Nobody is moved off them next, so who comes is well off there. */
function openOutdated(draft: Draft): void {
  const { roles, steering, begun } = draft;
  for (const gateway of roles.outdated) {
    if (!gateway.cordoned || gateway.phase !== 'ready' || isTakenBack(draft, gateway)) continue;
    if (begun.some((victim) => victim.gateway === gateway)) continue;
    steering.push({ kind: 'uncordon', gateway: gateway.name, reason: 'the rollout is paused' });
  }
}

function steerRollout(draft: Draft): void {
  const { roles, begun, steering, snapshot } = draft;
  if (roles.outdated.length + roles.requested.length === 0) return;
  // One that a person asked to drain, and that waits for room, will be drained next too.
  const requested = roles.requested.filter(({ revision }) => revision !== snapshot.revision);
  const outdated = [...roles.outdated, ...requested].filter(
    (gateway) => gateway.phase === 'ready' && !isTakenBack(draft, gateway) && !begun.some((victim) => victim.gateway === gateway),
  );
  if (outdated.length === 0) return;
  // Those that are cordoned first, then those that will be drained first.
  outdated.sort((a, b) => Number(b.cordoned) - Number(a.cordoned) || held(a) - held(b) || b.ordinal - a.ordinal);
  const open = roles.current.filter((gateway) => isAccepting(gateway) && !begun.some((victim) => victim.gateway === gateway));
  const least = Math.ceil(draft.desired * ACCEPTING_SHARE);
  const moving = heldBy(draft.going) + heldBy(draft.paused) + heldBy(roles.leaving) + heldBy(begun.map(({ gateway }) => gateway));
  let accepting = open.length + outdated.length;
  let room = roomIn(open) + sum(outdated, roomOf);
  let capacity = sum(open, ({ capacity }) => capacity) + sum(outdated, ({ capacity }) => capacity);
  const isMoving = draft.going.length + begun.length > 0;
  let isBlocked = open.length === 0 || draft.isStuck;
  for (const gateway of outdated) {
    if (!gateway.cordoned && !isMoving) break;
    accepting -= 1;
    room -= roomOf(gateway);
    capacity -= gateway.capacity;
    const reserve = Math.ceil(capacity * (gateway.cordoned ? LEAST_RESERVE : RESERVE));
    isBlocked ||= accepting < least || room < moving + reserve;
    if (isBlocked) {
      accepting += 1;
      room += roomOf(gateway);
      capacity += gateway.capacity;
    }
    if (isBlocked && gateway.cordoned)
      steering.push({ kind: 'uncordon', gateway: gateway.name, reason: 'the new gateways have too little room' });
    if (!isBlocked && !gateway.cordoned)
      steering.push({ kind: 'cordon', gateway: gateway.name, reason: 'it runs old settings: nobody shall be moved onto it' });
  }
}

const sum = (gateways: readonly GatewayView[], of: (gateway: GatewayView) => number): number =>
  gateways.reduce((total, gateway) => total + of(gateway), 0);
