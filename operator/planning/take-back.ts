import type { GatewayView } from '../fleet/fleet.ts';
import { type Draft, isRequested, surgeOf } from './draft.ts';
import { held } from './roles.ts';

/** Drains that end: those that people took back, those of a rollout that is paused, and those of gateways that are wanted again. */
export function takeBack(draft: Draft): void {
  const { roles, takenBack, snapshot } = draft;
  if (roles.draining.length === 0) return;
  for (const gateway of roles.draining)
    if (snapshot.takeBacks.includes(gateway.name)) takenBack.push({ gateway, reason: 'a person took the drain back' });
  keepOutdated(draft);
  takeBackWanted(draft);
}

/** The old gateways stay while a rollout is paused; but no more than the surge leaves room for, for others of them may be too many. */
function keepOutdated(draft: Draft): void {
  const { roles, rollout, takenBack, snapshot, desired } = draft;
  if (rollout.kind !== 'paused') return;
  const most = desired + snapshot.cluster.spec.rollout.maxSurge - roles.current.length - roles.outdated.length - takenBack.length;
  const candidates = stoppable(draft).filter(({ revision }) => revision !== snapshot.revision);
  for (const gateway of candidates.slice(0, Math.max(0, most)))
    takenBack.push({ gateway, reason: `the rollout is paused: ${rollout.message}` });
}

/**
 * Demand has returned: gateways that are being drained are back sooner than new ones are there. Those with most connections first, for they leave the
 * fewest to be moved; only of the present settings, and not those that a person asked for.
 */
function takeBackWanted(draft: Draft): void {
  const { roles, snapshot, desired, takenBack } = draft;
  const back = takenBack.filter(({ gateway }) => gateway.revision === snapshot.revision).length;
  const there = roles.current.length + roles.outdated.length + takenBack.length;
  const missing = Math.min(desired - roles.current.length - back, desired + surgeOf(draft) - there);
  if (missing <= 0) return;
  const candidates = stoppable(draft).filter(({ revision }) => revision === snapshot.revision);
  for (const gateway of candidates.slice(0, missing))
    takenBack.push({ gateway, reason: `it is needed again: ${desired} gateways are to be there, ${there} are` });
}

/** Drains that can be taken back and that nobody asked for. */
function stoppable(draft: Draft): readonly GatewayView[] {
  return draft.roles.draining
    .filter(
      (gateway) =>
        gateway.phase === 'ready' && !isRequested(draft, gateway) && !draft.takenBack.some((victim) => victim.gateway === gateway),
    )
    .sort((a, b) => held(b) - held(a) || a.ordinal - b.ordinal);
}
