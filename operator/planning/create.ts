import { type Draft, isRequested, surgeOf } from './draft.ts';
import { isUnused } from './roles.ts';

/**
 * Creates what is missing: up to the desired number at once; in a rollout also replacements for the outdated, as long as all that are there, those being
 * drained included, are no more than `maxSurge` above it. Never more than the most there may be, should a deletion of this plan fail (invariant I4). A rollout that is paused replaces only those of its own that died.
 */
export function createMissing(draft: Draft): void {
  const { roles, desired, snapshot } = draft;
  const takenBack = draft.takenBack.filter(({ gateway }) => !isRequested(draft, gateway));
  const back = takenBack.filter(({ gateway }) => gateway.revision === snapshot.revision).length;
  const current = roles.current.length + back;
  // Outdated ones that are still starting are deleted in this very plan.
  const outdated = roles.outdated.filter((gateway) => !isUnused(gateway)).length + takenBack.length - back;
  // What is deleted in this plan is there until it is seen to be gone: the deletion may fail, or a person may take the drain back.
  const goingOutdated = roles.draining.filter(({ revision }) => revision !== snapshot.revision).length - (takenBack.length - back);
  const forLoad = desired - current - outdated;
  const replaceable =
    draft.rollout.kind === 'paused' ? roles.dead.filter(({ revision }) => revision === snapshot.revision).length : desired - current;
  const forRollout = draft.isDecided ? Math.min(replaceable, desired + surgeOf(draft) - current - outdated - goingOutdated) : 0;
  const most = snapshot.cluster.spec.scaling.maxReplicas + surgeOf(draft);
  const missing = Math.min(Math.max(forLoad, forRollout), most - roles.current.length - roles.outdated.length - takenBack.length);
  for (let i = 0; i < missing; i++) {
    const reason =
      i < forLoad
        ? `${desired} gateways are to be there, ${current + outdated} are`
        : 'the settings changed: it replaces one with old settings';
    draft.creations.push({ kind: 'create', gateway: `${snapshot.cluster.name}-${draft.lastOrdinal + 1 + i}`, reason });
  }
}
