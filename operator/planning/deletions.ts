import type { Action } from '../fleet/fleet.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Roles } from './roles.ts';

/** After its deadline a gateway closes what is left, still paced; only after this time more it is stopped with what it still has, ms. */
const CLOSING_MS = 15_000;

/** Removes what is dead, what was drained and is empty, and what is still there long after its drain's deadline (invariant I1). */
export function planDeletions({ now }: Snapshot, { dead, draining }: Roles): Action[] {
  const actions: Action[] = dead.map(({ name }) => ({ kind: 'delete', gateway: name, reason: 'its process is gone' }));
  for (const { name, drain, phase, connections, observedAt } of draining) {
    if (drain === null) continue;
    const seenSince = observedAt !== null && observedAt > drain.startedAt;
    if (phase === 'starting')
      actions.push({ kind: 'delete', gateway: name, reason: 'not needed any more, and it never took a connection' });
    else if (connections === 0 && seenSince) actions.push({ kind: 'delete', gateway: name, reason: 'drained: it holds no connection' });
    else if (now >= drain.deadlineAt + CLOSING_MS) {
      actions.push({
        kind: 'delete',
        gateway: name,
        reason: `its drain's deadline is over; it still holds ${connections ?? 'an unknown number of'} connections`,
      });
    }
  }
  return actions;
}
