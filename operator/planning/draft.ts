import type { Action, GatewayView } from '../fleet/fleet.ts';
import type { PlanningMemory, Recommendation, Snapshot } from '../snapshot.ts';
import { type Roles, rolesOf } from './roles.ts';
import { type Rollout, rolloutOf } from './rollout.ts';
import type { Victim } from './victims.ts';

/**
 * A plan while the policies, one after the other, write it. Each reads the snapshot and what those before it have decided; none looks at actions.
 */
export interface Draft {
  readonly snapshot: Snapshot;
  readonly roles: Roles;
  /** Gateways that there should be, within the limits. */
  readonly desired: number;
  /** False when `desired` is only the last known number: then nothing is removed but what a person asked for. */
  readonly isDecided: boolean;
  /** The connections are too many for the ready gateways: no drain begins but what a person asked for. */
  readonly isPanic: boolean;
  readonly rollout: Rollout;
  readonly rolloutMemory: Pick<PlanningMemory, 'rollout' | 'failedResumes'>;
  /** Drains to be ended: the gateways are wanted again, or the others have no room. */
  readonly takenBack: Victim[];
  /** Drains that go on. */
  readonly going: GatewayView[];
  /** Drains that must wait without being ended: the others have no room at this moment. */
  readonly paused: GatewayView[];
  /** Drains that begin. */
  readonly begun: Victim[];
  readonly deletions: Action[];
  readonly creations: Action[];
  /** Cordons and uncordons that say who takes new connections. */
  readonly steering: Action[];
  /** New rates that lower the fleet's sum, and those that raise it. */
  readonly slower: Action[];
  readonly faster: Action[];
  readonly waiting: string[];
  /** A rollout finds no room on the new gateways, and none will come. */
  isStuck: boolean;
  lastOrdinal: number;
  /** The last request to even out the connections that was met. */
  rebalanced: string | null;
  removingSince: number | null;
}

/** An empty draft. */
export function newDraft(snapshot: Snapshot, recommendation: Recommendation, memory: PlanningMemory): Draft {
  const roles = rolesOf(snapshot);
  const { minReplicas, maxReplicas } = snapshot.cluster.spec.scaling;
  const isDecided = recommendation.kind === 'desired';
  const wanted = isDecided ? recommendation.desired : (memory.desired ?? roles.current.length + roles.outdated.length);
  const { rollout, memory: rolloutMemory } = rolloutOf(snapshot, roles, memory);
  let { lastOrdinal } = memory;
  for (const { ordinal } of snapshot.gateways) if (ordinal > lastOrdinal) lastOrdinal = ordinal;
  return {
    snapshot,
    roles,
    desired: Math.min(maxReplicas, Math.max(minReplicas, wanted)),
    isDecided,
    isPanic: isDecided && recommendation.panic === true,
    rollout,
    rolloutMemory,
    takenBack: [],
    going: [],
    paused: [],
    begun: [],
    deletions: [],
    creations: [],
    steering: [],
    slower: [],
    faster: [],
    waiting: [],
    isStuck: false,
    lastOrdinal,
    rebalanced: memory.rebalanced,
    removingSince: snapshot.cluster.controls.removing ? memory.removingSince : null,
  };
}

/** Whether a person asked for its drain. */
export const isRequested = ({ snapshot }: Draft, gateway: GatewayView): boolean => snapshot.drainRequests.includes(gateway.name);

/** How many a rollout may add above the desired number now. */
export const surgeOf = ({ snapshot, roles }: Draft): number => (roles.outdated.length > 0 ? snapshot.cluster.spec.rollout.maxSurge : 0);
