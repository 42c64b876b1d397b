import type { ChatClusterSpec } from '../api/spec.ts';
import type { GatewayView } from '../fleet/fleet.ts';
import type { Recommendation, ScalingMemory, Snapshot } from '../snapshot.ts';
import { type Demand, demandOf } from './demand.ts';
import { asAsked } from './external.ts';
import { limited } from './limit.ts';
import { neededWithin } from './needed.ts';
import { loadReason, missingReason, toleranceReason, windowReason } from './reasons.ts';
import { stabilize } from './stabilize.ts';

/** A count is old when three rounds went by without one, and at least this long, ms. */
const STALE_MS = 10_000;
const STALE_ROUNDS = 3;

/** What scaling says now, and what it must be given again next time. */
export interface Scaled {
  readonly recommendation: Recommendation;
  readonly memory: ScalingMemory;
}

/**
 * How many gateways there should be: none when the ChatCluster goes; what `spec.replicas` says when somebody else decides; else what the load needs.
 */
export function recommend(snapshot: Snapshot, memory: ScalingMemory): Scaled {
  const { controls, spec } = snapshot.cluster;
  if (controls.removing) return NONE;
  const start = memory.desired === null ? begin(snapshot) : memory;
  return spec.scaling.mode === 'External' ? asAsked(snapshot, start) : asNeeded(snapshot, start);
}

const NONE: Scaled = {
  recommendation: { kind: 'desired', desired: 0, reasons: ['the ChatCluster is being deleted'] },
  memory: { desired: 0, recommendations: [] },
};

/**
 * In order: what the connections need at the target utilisation, with the standby on top; no change within the tolerance; the stabilization windows; what
 * people paused; the limits. Gateways without a fresh count are taken at their last one for a scale-up and as full for a scale-down, so they can block only
 * the latter; when more than half have none, the answer is that it can't be said, unless the counts that there are already need more than now.
 */
function asNeeded(snapshot: Snapshot, memory: ScalingMemory): Scaled {
  const { cluster, now } = snapshot;
  const { spec } = cluster;
  const { minReplicas, intervalMs, scaleUp, scaleDown } = spec.scaling;
  const current = memory.desired ?? minReplicas;
  const demand = demandOf(snapshot.gateways, now, Math.max(STALE_MS, STALE_ROUNDS * intervalMs));
  const wanted = wantedOf(spec, demand, current);
  const windows = { current, wanted, now, upMs: scaleUp.stabilizationMs, downMs: scaleDown.stabilizationMs };
  const stable = stabilize({ ...windows, recommendations: memory.recommendations });
  const { desired, limitedBy, reason } = limited(cluster, current, stable.replicas, 'the load needs');
  const missing = missingReason(demand);
  if (desired === current && missing !== null && demand.missing * 2 > demand.asked) {
    return {
      recommendation: { kind: 'cannot-decide', reasons: [missing, `stays at ${current}`] },
      memory: { desired: current, recommendations: stable.recommendations },
    };
  }
  const reasons = [loadReason(spec, demand.low)];
  push(reasons, missing ?? toleranceReason(spec, demand.low, wanted));
  push(reasons, windowReason(spec, wanted, stable.replicas));
  push(reasons, reason);
  return {
    recommendation: { kind: 'desired', desired, reasons, ...(limitedBy !== null && { limitedBy }) },
    memory: { desired, recommendations: stable.recommendations },
  };
}

/** More when the least that there can be needs more; fewer only when the most that there can be needs fewer. */
function wantedOf(spec: ChatClusterSpec, demand: Demand, current: number): number {
  const least = neededWithin(spec, demand.low, current);
  if (least >= current) return least;
  const most = neededWithin(spec, demand.high, current);
  return Math.min(most, current);
}

/** Without a memory (the first start, or it was lost) the gateways that there are count as recommended just now: nothing is scaled down at once. */
function begin(snapshot: Snapshot): ScalingMemory {
  const existing = snapshot.gateways.filter(isServing).length;
  if (existing === 0) return { desired: null, recommendations: [] };
  return { desired: existing, recommendations: [{ at: snapshot.now, replicas: existing }] };
}

function isServing(gateway: GatewayView): boolean {
  return gateway.drain === null && gateway.phase !== 'dead' && gateway.phase !== 'terminating';
}

function push(reasons: string[], reason: string | null): void {
  if (reason !== null) reasons.push(reason);
}
