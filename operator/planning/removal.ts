import { CLOSING_MS } from './deletions.ts';
import type { Draft } from './draft.ts';
import { isUnused } from './roles.ts';

const REASON = 'the ChatCluster is being deleted';

/**
 * The ChatCluster goes, and all its gateways with it: drained at once, at the fleet's pace, and deleted when they are empty or their time is over; or, with
 * `Immediate`, deleted. Nobody stays to take who is moved, so room isn't asked for: clients go elsewhere or are closed, paced all the same.
 */
export function removeAll(draft: Draft): void {
  const { roles, snapshot, deletions, begun } = draft;
  const { drain } = snapshot.cluster.spec;
  const since = draft.removingSince ?? snapshot.now;
  draft.removingSince = since;
  const isImmediate = drain.onDeletion === 'Immediate';
  if (isImmediate) {
    draft.going.length = 0;
    for (const { name } of roles.draining) if (!deletions.some(({ gateway }) => gateway === name)) remove(name, REASON);
  }
  for (const gateway of [...roles.requested, ...roles.outdated, ...roles.current]) {
    if (isImmediate) remove(gateway.name, REASON);
    else if (isUnused(gateway)) remove(gateway.name, `${REASON}, and it never took a connection`);
    else if (gateway.phase === 'unreachable' && snapshot.now >= since + drain.timeoutMs + CLOSING_MS)
      remove(gateway.name, `${REASON}, and it has not answered for as long as a drain takes`);
    else begun.push({ gateway, reason: REASON });
  }

  function remove(gateway: string, reason: string): void {
    deletions.push({ kind: 'delete', gateway, reason });
  }
}
