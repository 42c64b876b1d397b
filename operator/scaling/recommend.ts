import type { GatewayView } from '../fleet/fleet.ts';
import type { Recommendation, ScalingMemory, Snapshot } from '../snapshot.ts';
import { behave } from './behave.ts';
import { demandOf } from './demand.ts';
import { asAsked } from './external.ts';
import { lookAhead } from './look-ahead.ts';
import { emptyScalingMemory } from './memory.ts';
import { metricsWant } from './metrics/want.ts';
import { neededFor } from './needed.ts';
import { panicOf, readyCapacity } from './panic.ts';
import {
  loadReason,
  missingReason,
  noiseReason,
  outlookReason,
  panicReason,
  toleranceReason,
  windowReason,
  zoneReason,
} from './reasons.ts';
import { sampled } from './samples.ts';
import { measured, startTime } from './starts.ts';
import { steady } from './steady.ts';
import { wantedOf } from './wanted.ts';
import { spreadsOf } from './zones.ts';

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
  const start = memory.desired === null ? begin(snapshot, memory) : memory;
  return spec.scaling.mode === 'External' ? asAsked(snapshot, start) : asNeeded(snapshot, start);
}

const NONE: Scaled = {
  recommendation: { kind: 'desired', desired: 0, needed: 0, reasons: ['the ChatCluster is being deleted'] },
  memory: { ...emptyScalingMemory(), desired: 0 },
};

/**
 * In order: how many connections there are, and which of them count; what the next seconds bring; whether there is panic; what all this needs at the target
 * utilisation, with the standby on top and no change within the tolerance; the stabilization windows, the policies, what people paused, the limits. Gateways
 * without a fresh count are taken at their last one for a scale-up and as full for a scale-down, so they can block only the latter; when more than half have
 * none, the answer is that it can't be said, unless the counts that there are already need more than now.
 */
function asNeeded(snapshot: Snapshot, memory: ScalingMemory): Scaled {
  const { cluster, gateways, now } = snapshot;
  const { spec } = cluster;
  const { minReplicas, intervalMs } = spec.scaling;
  const current = memory.desired ?? minReplicas;
  const freshMs = Math.max(STALE_MS, STALE_ROUNDS * intervalMs);
  const demand = demandOf(gateways, now, freshMs);
  const starts = measured(memory.starts, gateways);
  const outlook = spec.scaling.lookAhead ? lookAhead(memory.samples, now, demand.low, startTime(starts) + intervalMs) : null;
  const coming = outlook?.connections ?? demand.low;
  const capacity = readyCapacity(gateways);
  const panic = panicOf(spec.scaling.panic, { connections: coming, capacity, now }, memory.panic);
  const certain = panic === null ? steady(memory.samples, now, demand.low) : demand.low;
  const { spread, settled } = spreadsOf(gateways, snapshot.revision);
  const wanted = wantedOf(spec, { up: outlook?.connections ?? certain, down: demand.high, spread, settled }, current);
  const metrics = metricsWant(snapshot, current, memory, freshMs);
  const needed = Math.max(wanted.replicas, metrics.replicas ?? 0);
  const replicas = panic === null ? needed : Math.max(needed, current);
  const { desired, limitedBy, ...behaved } = behave(cluster, { current, wanted: replicas, now, hurry: panic !== null }, memory);
  const missing = missingReason(demand);
  const samples = missing === null ? sampled(memory.samples, { at: now, connections: demand.low }, intervalMs) : memory.samples;
  const next: ScalingMemory = { ...behaved.memory, panic, samples, starts, ...metrics.remembered };
  if (desired === current && missing !== null && demand.missing * 2 > demand.asked) {
    return { recommendation: { kind: 'cannot-decide', reasons: [missing, `stays at ${current}`] }, memory: next };
  }
  const reasons = [
    ...(needed > wanted.replicas ? metrics.reasons : []),
    loadReason(spec, demand.low),
    ...(needed > wanted.replicas ? [] : metrics.reasons),
    missing ?? toleranceReason(spec, wanted, neededFor(spec, demand.low, spread) > current),
    noiseReason(spec, demand.low, outlook?.connections ?? certain, spread),
    outlookReason(spec, outlook, demand.low, spread),
    zoneReason(spec, Math.max(coming, certain), wanted.spread),
    panicReason(panic, coming, capacity, now),
    windowReason(spec, replicas, behaved.stable),
    behaved.reason,
  ].filter((reason) => reason !== null);
  return {
    recommendation: {
      kind: 'desired',
      desired,
      needed,
      reasons,
      ...(limitedBy !== null && { limitedBy }),
      ...(panic !== null && { panic: true }),
      ...metrics.told,
    },
    memory: next,
  };
}

/** Without a memory (the first start, or it was lost) the gateways that there are count as recommended just now: nothing is scaled down at once. */
function begin(snapshot: Snapshot, memory: ScalingMemory): ScalingMemory {
  const existing = snapshot.gateways.filter(isServing).length;
  if (existing === 0) return memory;
  return { ...memory, desired: existing, recommendations: [{ at: snapshot.now, replicas: existing }] };
}

function isServing(gateway: GatewayView): boolean {
  return gateway.drain === null && gateway.phase !== 'dead' && gateway.phase !== 'terminating';
}
