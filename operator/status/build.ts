import type { Action } from '../fleet/fleet.ts';
import type { Rollout } from '../planning/rollout.ts';
import type { Recommendation, Snapshot } from '../snapshot.ts';
import { conditionsOf } from './conditions.ts';
import { drainLines, gatewayLines } from './lines.ts';
import type { ClusterStatus, Decision } from './status.ts';

/** What a round of the operator knows at its end. */
export interface StatusInput {
  readonly snapshot: Snapshot;
  /** `null` until the first one. */
  readonly recommendation: Recommendation | null;
  /** What is held back, and why: one line each. */
  readonly waiting: readonly string[];
  readonly rollout: Rollout;
  /** The last number decided (`memory.scaling.desired`). */
  readonly desired: number | null;
  /** The actions of this round. */
  readonly actions: readonly Action[];
  /** Actions of this round that failed: one line each, with what and why. */
  readonly failures: readonly string[];
  /** What the fleet says keeps it from its work: one line each. */
  readonly problems: readonly string[];
  /** The log that `recordDecisions` keeps. */
  readonly decisions: readonly Decision[];
  readonly movedPerSecond: number;
  readonly deliveryLatencyMs: number | null;
  readonly previous: ClusterStatus | null;
}

/** The status after a round. O(gateways × log of them): build it when someone looks, not in every simulated second. */
export function buildStatus(input: StatusInput): ClusterStatus {
  const { snapshot } = input;
  const gateways = gatewayLines(snapshot);
  const drains = drainLines(input);
  let connections = 0;
  let capacity = 0;
  for (const gateway of gateways) {
    if (gateway.state === 'dead') continue;
    connections += gateway.connections ?? 0;
    if (gateway.state === 'ready') capacity += gateway.capacity;
  }
  return {
    name: snapshot.cluster.name,
    at: snapshot.now,
    desired: input.desired,
    needed: input.recommendation?.kind === 'desired' ? input.recommendation.needed : null,
    limits: { min: snapshot.cluster.spec.scaling.minReplicas, max: snapshot.cluster.spec.scaling.maxReplicas },
    connections,
    capacity,
    movedPerSecond: input.movedPerSecond,
    deliveryLatencyMs: input.deliveryLatencyMs,
    gateways,
    drains,
    decisions: input.decisions,
    conditions: conditionsOf({ ...input, cluster: snapshot.cluster, gateways, drains, problems: problemsOf(input) }),
  };
}

/** What the fleet tells, and what keeps gateways from their work. */
function problemsOf({ snapshot, problems }: StatusInput): readonly string[] {
  const theirs = snapshot.gateways.flatMap(({ name, problem }) => (problem === null ? [] : [`${name}: ${problem}`]));
  return [...problems, ...theirs];
}
