import type { GatewayView } from '../fleet/fleet.ts';
import type { PlanningMemory, RolloutMemory, Snapshot } from '../snapshot.ts';
import { countResumes, exceeds, sumOf } from './failed-resumes.ts';
import type { Roles } from './roles.ts';

/** Whether gateways are being replaced by ones with other settings, or that has stopped by itself, and why. */
export type Rollout =
  | { readonly kind: 'none' }
  | { readonly kind: 'going' }
  | { readonly kind: 'paused'; readonly reason: 'ProgressDeadlineExceeded' | 'RolloutPausedByFailedResumes'; readonly message: string };

/** What planning remembers of a rollout. */
type Remembered = Pick<PlanningMemory, 'rollout' | 'failedResumes'>;

/** Gateways named in a message. */
const NAMED = 3;

/**
 * A rollout pauses while new gateways have waited for longer than `spec.rollout.progressDeadline` to become ready, none of them having done so in that time;
 * and when more of the resumes on new gateways than `spec.rollout.maxFailedResumes` ended in a gap: then until the settings change or the limit is raised,
 * for moving nobody any more says nothing of what the next would meet.
 */
export function rolloutOf(
  snapshot: Snapshot,
  roles: Roles,
  memory: Remembered,
): { readonly rollout: Rollout; readonly memory: Remembered } {
  const { revision, now, cluster } = snapshot;
  const isNew = (gateway: GatewayView): boolean => gateway.revision === revision;
  const outdated = roles.outdated.length + roles.draining.filter((gateway) => !isNew(gateway)).length;
  if (outdated === 0) return { rollout: { kind: 'none' }, memory: { rollout: null, failedResumes: null } };
  const before = memory.rollout?.revision === revision ? memory.rollout : null;
  const waiting = [...roles.current.filter(({ phase }) => phase === 'starting'), ...roles.dead.filter(isNew)];
  const ready = roles.current.filter(({ phase }) => phase === 'ready').length;
  const rollout: RolloutMemory = {
    revision,
    waitingSince: waiting.length === 0 ? null : waitingSince(waiting, { ready, outdated, now }, before),
    ready: Math.max(ready, before?.ready ?? 0),
    outdated: Math.min(outdated, before?.outdated ?? outdated),
    ...countResumes([...roles.current, ...roles.draining.filter(isNew)], before, now),
  };
  const { progressDeadlineMs, maxFailedResumes } = cluster.spec.rollout;
  const lately = sumOf(rollout.resumes);
  let failed = memory.failedResumes?.revision === revision ? memory.failedResumes : null;
  if (lately !== null && exceeds(lately, maxFailedResumes) && (failed === null || !exceeds(failed, maxFailedResumes)))
    failed = { revision, ...lately };
  const remembered = { rollout, failedResumes: failed };
  if (failed !== null && exceeds(failed, maxFailedResumes)) {
    const share = `${failed.gaps} of ${failed.total} resumes on the new gateways ended in a gap, at most ${percent(maxFailedResumes)} may`;
    const message = `${share}: change the settings, or raise spec.rollout.maxFailedResumes`;
    return { rollout: { kind: 'paused', reason: 'RolloutPausedByFailedResumes', message }, memory: remembered };
  }
  if (rollout.waitingSince !== null && now - rollout.waitingSince > progressDeadlineMs) {
    const message = `${named(waiting)} within ${progressDeadlineMs / 1_000} s`;
    return { rollout: { kind: 'paused', reason: 'ProgressDeadlineExceeded', message }, memory: remembered };
  }
  return { rollout: { kind: 'going' }, memory: remembered };
}

/** Since when new gateways wait in vain, ms: it begins anew with each that gets ready and with each old one that is gone. */
function waitingSince(
  waiting: readonly GatewayView[],
  { ready, outdated, now }: { readonly ready: number; readonly outdated: number; readonly now: number },
  before: RolloutMemory | null,
): number {
  if (before === null) return Math.min(now, ...waiting.map(({ createdAt }) => createdAt));
  const gotOn = ready > before.ready || outdated < before.outdated;
  return gotOn ? now : (before.waitingSince ?? now);
}

function named(gateways: readonly GatewayView[]): string {
  const shown = gateways.slice(0, NAMED).map(({ name, problem }) => (problem === null ? name : `${name} (${problem})`));
  const more = gateways.length > NAMED ? ` and ${gateways.length - NAMED} more` : '';
  return `${shown.join(', ')}${more} did not become ready`;
}

const percent = (share: number): string => `${Math.round(share * 1_000) / 10} %`;
