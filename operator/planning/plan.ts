import type { Action } from '../fleet/fleet.ts';
import type { PlanningMemory, Recommendation, Snapshot } from '../snapshot.ts';
import { beginDrains } from './begin.ts';
import { createMissing } from './create.ts';
import { deleteDone } from './deletions.ts';
import { type Draft, newDraft } from './draft.ts';
import { pace } from './moves.ts';
import { passOver } from './pass-over.ts';
import { removeAll } from './removal.ts';
import type { Rollout } from './rollout.ts';
import { keepRoom } from './room.ts';
import { steer } from './steering.ts';
import { takeBack } from './take-back.ts';

/** What to do now, in the order in which to do it, and what planning must be given again next time (save it before acting). */
export interface Plan {
  readonly actions: readonly Action[];
  readonly memory: PlanningMemory;
  /** What is held back, and why: one line each. */
  readonly waiting: readonly string[];
  readonly rollout: Rollout;
}

/** In this order, for each builds on what those before it have decided. */
const POLICIES: readonly ((draft: Draft) => void)[] = [takeBack, deleteDone, keepRoom, createMissing, beginDrains, passOver, steer, pace];

/** The same, when the ChatCluster goes. */
const LAST_POLICIES: readonly ((draft: Draft) => void)[] = [deleteDone, removeAll, pace];

/**
 * What to do to the fleet, so that it gets to the recommended number of gateways with the present settings, evenly loaded, without anybody noticing.
 * A fleet at rest gives no action.
 */
export function plan(snapshot: Snapshot, recommendation: Recommendation, memory: PlanningMemory): Plan {
  const draft = newDraft(snapshot, recommendation, memory);
  for (const policy of snapshot.cluster.controls.removing ? LAST_POLICIES : POLICIES) policy(draft);
  return {
    // What opens gateways and slows moves down comes before what begins moves or makes them faster.
    actions: [...draft.deletions, ...draft.creations, ...draft.steering, ...draft.slower, ...draft.faster],
    memory: {
      ...draft.rolloutMemory,
      lastOrdinal: draft.lastOrdinal,
      desired: draft.desired,
      rebalanced: draft.rebalanced,
      removingSince: draft.removingSince,
    },
    waiting: draft.waiting,
    rollout: draft.rollout,
  };
}
