import { type Draft, isRequested, surgeOf } from './draft.ts';
import { held } from './roles.ts';

/**
 * Demand has returned: gateways that are being drained are back sooner than new ones are there. Those with most connections first, for they leave the
 * fewest to be moved; only of the present settings, and not those that a person asked for.
 */
export function takeBackWanted(draft: Draft): void {
  const { roles, snapshot, desired } = draft;
  if (roles.draining.length === 0) return;
  const there = roles.current.length + roles.outdated.length;
  const missing = Math.min(desired - roles.current.length, desired + surgeOf(draft) - there);
  if (missing <= 0) return;
  const candidates = roles.draining.filter(
    (gateway) => gateway.phase === 'ready' && gateway.revision === snapshot.revision && !isRequested(draft, gateway),
  );
  candidates.sort((a, b) => held(b) - held(a) || a.ordinal - b.ordinal);
  for (const gateway of candidates.slice(0, missing)) {
    draft.takenBack.push({ gateway, reason: `it is needed again: ${desired} gateways are to be there, ${there} are` });
  }
}
