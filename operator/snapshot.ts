import type { ChatCluster } from './api/spec.ts';
import type { GatewayView, ResumeCounts } from './fleet/fleet.ts';
import type { Differing } from './scaling/metrics/agree.ts';
import type { MetricReading } from './scaling/metrics/measured.ts';
import type { Movers } from './scaling/metrics/moved.ts';
import type { Decision } from './status/status.ts';

/** All that a decision may look at. */
export interface Snapshot {
  /** Wall clock, ms since 1970. */
  readonly now: number;
  readonly cluster: ChatCluster;
  /** The revision that a gateway created now would have; gateways of another one are rolled out. */
  readonly revision: string;
  readonly gateways: readonly GatewayView[];
  /** Gateways that a person asked to drain (`chatcluster drain`). */
  readonly drainRequests: readonly string[];
  /** Gateways whose drain or cordon a person took back, whoever wanted it; they are still cordoned. */
  readonly takeBacks: readonly string[];
  /** What asking elsewhere for metrics led to; absent where nobody asks. */
  readonly readings?: readonly MetricReading[];
}

/**
 * What an operator must find again after a restart. Plain JSON, the same parts always. Saved before acting it must be: both `desired`, `lastOrdinal`, `rebalanced`,
 * `failedResumes` and `drainRequests` (`mustBeSaved` tells). The rest may be lost or late: recommendations may come back with the time of loading,
 * which only keeps a scale-down waiting longer; samples may begin anew; the progress of a rollout may begin anew; of the decisions a few may be missing.
 */
export interface OperatorState {
  readonly memory: Memory;
  /** Gateways that a person asked to drain. */
  readonly drainRequests: readonly string[];
  /** The log of decisions, newest first. */
  readonly decisions: readonly Decision[];
}

/**
 * What a decision must remember until the next one. It stands in the status, so that it survives the operator.
 * Plain JSON; made by `emptyMemory`.
 */
export interface Memory {
  readonly scaling: ScalingMemory;
  readonly planning: PlanningMemory;
}

export interface ScalingMemory {
  /** The number last decided; `null` before the first decision. Tolerance is measured from it, not from the gateways that happen to exist (surge, crashes). */
  readonly desired: number | null;
  /** Raw recommendations still inside a stabilization window, oldest first; only those that can still matter are kept. */
  readonly recommendations: readonly { readonly at: number; readonly replicas: number }[];
  /** By how much `desired` was raised and lowered, for the policies of `behavior`. */
  readonly changes: { readonly up: readonly Change[]; readonly down: readonly Change[] };
  /** Since when the connections are too many for the ready gateways, and until when that counts, ms; `null` while they aren't. */
  readonly panic: { readonly since: number; readonly until: number } | null;
  /** The connections of the last rounds, oldest first. A restart begins anew. */
  readonly samples: readonly Sample[];
  /** How long the newest gateways took from their creation to being ready, by their number. */
  readonly starts: readonly { readonly ordinal: number; readonly ms: number }[];
  /** Which queries differ from what the gateways say, since when. Absent when none does. A restart begins anew. */
  readonly differing?: Differing;
  /** Which gateways asked connections to move lately, also those that are gone; for metrics of accepts. Absent when none did. A restart begins anew. */
  readonly movers?: Movers;
}

/** So many gateways more, or fewer; `at` is wall clock, ms. */
export interface Change {
  readonly at: number;
  readonly replicas: number;
}

/** Connections at a moment; wall clock, ms. */
export interface Sample {
  readonly at: number;
  readonly connections: number;
}

export interface PlanningMemory {
  /** The highest ordinal given so far: names are never reused. */
  readonly lastOrdinal: number;
  /** The number of gateways last planned for, which holds while none can be decided; `null` before the first. */
  readonly desired: number | null;
  /** The request to even out the connections (`controls.rebalance`) that was met last; `null` when none was. */
  readonly rebalanced: string | null;
  /** The rollout that goes on; `null` when none does. */
  readonly rollout: RolloutMemory | null;
  /** The resumes that stopped a rollout to this revision; `null` when none is stopped. It outlives the window: that is over, their cause is not. */
  readonly failedResumes: { readonly revision: string; readonly total: number; readonly gaps: number } | null;
  /** Since when the ChatCluster is being removed, ms; `null` while it isn't. */
  readonly removingSince: number | null;
}

export interface RolloutMemory {
  readonly revision: string;
  /** Since when new gateways wait to become ready, and the rollout doesn't get on; wall clock, ms. `null` when none waits. */
  readonly waitingSince: number | null;
  /** The most new gateways that were ready, and the fewest old ones that were there. */
  readonly ready: number;
  readonly outdated: number;
  /** The resume counters of the new gateways, as last seen. */
  readonly seen: Readonly<Record<string, ResumeCounts>>;
  /** Resumes on the new gateways in the last minute, oldest first. */
  readonly resumes: readonly (ResumeCounts & { readonly at: number })[];
}

/** What scaling says: how many gateways there should be, or why that can't be said. */
export type Recommendation =
  | {
      readonly kind: 'desired';
      readonly desired: number;
      /** What the load needs, or somebody asked for: before windows, policies, pauses and limits. */
      readonly needed: number;
      readonly reasons: readonly string[];
      /** What holds it back or up; absent when nothing does. */
      readonly limitedBy?: 'minReplicas' | 'maxReplicas' | 'pause' | 'scaleUp' | 'scaleDown';
      /** The connections are too many for the ready gateways: no drain shall begin but what people ask for. Absent when it isn't so. */
      readonly panic?: true;
      /** Metrics whose value is missing, each with why; absent when none is. */
      readonly missing?: readonly string[];
      /** Metrics that two sources tell differently; absent when none are. */
      readonly disagreeing?: readonly string[];
    }
  | { readonly kind: 'cannot-decide'; readonly reasons: readonly string[] };
