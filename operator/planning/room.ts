import type { GatewayView } from '../fleet/fleet.ts';
import { type Draft, isRequested } from './draft.ts';
import { held, heldBy, roomIn, roomOf } from './roles.ts';

/**
 * A drain goes on only while those that stay can take all that is to be moved (invariant I2). When they can't for the moment (clients on their way are
 * counted twice, or the outdated gateways were cordoned and can be opened again) it is paused; when they can't at all it is taken back.
 * What can't be stopped comes first, then what people asked for, then the oldest drain.
 */
export function keepRoom(draft: Draft): void {
  if (draft.going.length === 0) return;
  const { roles, snapshot } = draft;
  const room = roomIn(roles.current) + roomIn(roles.outdated);
  let closed = 0;
  for (const gateway of roles.outdated) if (gateway.phase === 'ready' && gateway.cordoned) closed += roomOf(gateway);
  const candidates = draft.going.splice(0).sort((a, b) => precedence(draft, a) - precedence(draft, b) || startOf(a) - startOf(b));
  let toMove = heldBy(roles.leaving);
  let unasked = toMove;
  for (const gateway of candidates) {
    const all = toMove + held(gateway);
    const least = unasked + Math.max(0, held(gateway) - gateway.migrating);
    const isStoppable = gateway.phase === 'ready' && (gateway.drain?.deadlineAt ?? 0) > snapshot.now;
    if (all <= room || !isStoppable) draft.going.push(gateway);
    else if (least <= room + closed) draft.paused.push(gateway);
    else {
      draft.takenBack.push({ gateway, reason: `the others have room for ${room} connections, ${all} would have to move` });
      continue;
    }
    toMove = all;
    unasked = least;
  }
}

function precedence(draft: Draft, gateway: GatewayView): number {
  if (gateway.phase !== 'ready' || (gateway.drain?.deadlineAt ?? 0) <= draft.snapshot.now) return 0;
  return isRequested(draft, gateway) ? 1 : 2;
}

const startOf = ({ drain }: GatewayView): number => drain?.startedAt ?? 0;
