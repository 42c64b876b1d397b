import type { GatewayView } from '../fleet/fleet.ts';
import { type Draft, isRequested } from './draft.ts';
import { isUnused } from './roles.ts';

/** After a drain's deadline a gateway closes what is left, paced, within ten seconds; it is stopped when they are well over, ms. */
export const CLOSING_MS = 15_000;

/** Removes what is dead, what was drained and is empty, and what still holds connections long after its drain's deadline (invariant I1). */
export function deleteDone(draft: Draft): void {
  const { roles, deletions } = draft;
  for (const { name } of roles.dead) deletions.push({ kind: 'delete', gateway: name, reason: 'its process is gone' });
  for (const gateway of roles.draining) {
    if (draft.takenBack.some((victim) => victim.gateway === gateway)) continue;
    const reason = draft.isDecided || isRequested(draft, gateway) ? whyDone(gateway, draft.snapshot.now) : null;
    if (reason === null) draft.going.push(gateway);
    else deletions.push({ kind: 'delete', gateway: gateway.name, reason });
  }
}

function whyDone(gateway: GatewayView, now: number): string | null {
  const { drain, phase, connections, observedAt } = gateway;
  if (drain === null) return null;
  if (isUnused(gateway)) return 'it is not needed any more, and never took a connection';
  // A count from before the drain may have missed a client that came right before it.
  const isEmpty = phase === 'ready' && connections === 0 && observedAt !== null && observedAt > drain.startedAt;
  if (isEmpty) return 'drained: it holds no connection';
  if (now < drain.deadlineAt + CLOSING_MS) return null;
  return `its drain's deadline is long over; it still holds ${connections ?? 'an unknown number of'} connections`;
}
