import type { ChatCluster } from './api/spec.ts';
import type { GatewayView } from './fleet/fleet.ts';

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
}

export interface PlanningMemory {
  /** The highest ordinal given so far: names are never reused. */
  readonly lastOrdinal: number;
  /** The number of gateways last planned for, which holds while none can be decided; `null` before the first. */
  readonly desired: number | null;
}

/** What scaling says: how many gateways there should be, or why that can't be said. */
export type Recommendation =
  | {
      readonly kind: 'desired';
      readonly desired: number;
      readonly reasons: readonly string[];
      /** The limit that holds it back or up; absent when none does. */
      readonly limitedBy?: 'minReplicas' | 'maxReplicas';
    }
  | { readonly kind: 'cannot-decide'; readonly reasons: readonly string[] };
