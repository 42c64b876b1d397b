import type { Action, GatewayView } from '../fleet/fleet.ts';
import type { Snapshot } from '../snapshot.ts';

/** After its deadline a gateway closes what is left, still paced; only after this time more it is stopped with what it still has, ms. */
const CLOSING_MS = 15_000;

/** Removes what is dead, what was drained and is empty, and what is still there long after its drain's deadline (invariant I1). */
export function planDeletions({ now, gateways }: Snapshot): Action[] {
  return gateways.flatMap((gateway): Action[] => {
    const reason = reasonToDelete(gateway, now);
    return reason === null ? [] : [{ kind: 'delete', gateway: gateway.name, reason }];
  });
}

function reasonToDelete({ phase, drain, connections, observedAt }: GatewayView, now: number): string | null {
  if (phase === 'dead') return 'its process is gone';
  if (phase === 'terminating' || drain === null) return null;
  if (phase === 'starting' && (connections ?? 0) === 0) return 'not needed any more, and it never took a connection';
  // A count from before the drain began may have missed a connection.
  const seenSince = observedAt !== null && observedAt > drain.startedAt;
  if (connections === 0 && seenSince) return 'drained: it holds no connection';
  if (now < drain.deadlineAt + CLOSING_MS) return null;
  return `its drain's time is over; it still holds ${connections ?? 'an unknown number of'} connections`;
}
