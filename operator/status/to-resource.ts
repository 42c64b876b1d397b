import type { OperatorState } from '../snapshot.ts';
import { timeText } from './instant.ts';
import { stateToResource } from './resource-state.ts';
import type { ResourceCondition, ResourceDecision, ResourceDrain, ResourceStatus } from './resource-status.ts';
import type { ClusterStatus, Condition, Decision, DrainLine } from './status.ts';

/** Decisions that the resource shows. */
const MAX_DECISIONS = 10;

/** What a ChatCluster's `status` is made of beside the ClusterStatus. */
export interface ResourceContext {
  /** The `metadata.generation` of what was decided on. */
  readonly generation: number;
  /** Wall clock, ms. */
  readonly now: number;
  /** Selects the gateways' Pods. */
  readonly selector: string;
  readonly state: OperatorState;
}

/** The `status` of a ChatCluster on Kubernetes after a round. `previous`: the one that stands there; of it stays when conditions became what they are. */
export function resourceStatus(previous: ResourceStatus | null, status: ClusterStatus, context: ResourceContext): ResourceStatus {
  const staying = status.gateways.filter(({ state }) => state !== 'draining' && state !== 'terminating' && state !== 'dead');
  const ready = staying.filter(({ state }) => state === 'ready' || state === 'cordoned');
  const scaled = status.decisions.find(({ kind }) => kind === 'scale');
  return {
    observedGeneration: context.generation,
    replicas: staying.length,
    readyReplicas: ready.length,
    updatedReplicas: staying.filter(({ current }) => current).length,
    ...(status.desired !== null && { desiredReplicas: status.desired }),
    minReplicas: status.limits.min,
    maxReplicas: status.limits.max,
    selector: context.selector,
    connections: status.connections,
    capacity: status.capacity,
    ...(status.capacity > 0 && { utilization: `${Math.round((status.connections / status.capacity) * 100)}%` }),
    draining: status.drains.length,
    ...(scaled !== undefined && { lastDecision: decisionOf(scaled) }),
    decisions: status.decisions.slice(0, MAX_DECISIONS).map(decisionOf),
    drains: status.drains.map(drainOf),
    conditions: status.conditions.map((condition) => conditionOf(condition, previous, context)),
    state: stateToResource(context.state),
  };
}

function decisionOf({ at, kind, gateway, summary, reasons }: Decision): ResourceDecision {
  return { time: timeText(at), kind, ...(gateway !== null && { gateway }), summary, reasons: [...reasons] };
}

function drainOf({ gateway, reason, initial, remaining, ratePerSecond, startedAt, deadlineAt, etaMs }: DrainLine): ResourceDrain {
  const eta = etaMs === null ? {} : { etaSeconds: Math.ceil(etaMs / 1_000) };
  return { gateway, reason, initial, remaining, ratePerSecond, startedAt: timeText(startedAt), deadlineAt: timeText(deadlineAt), ...eta };
}

/** A condition became what it is when its status last changed, whatever its reason and message. */
function conditionOf(
  { type, status, reason, message }: Condition,
  previous: ResourceStatus | null,
  context: ResourceContext,
): ResourceCondition {
  const before = previous?.conditions?.find((condition) => condition.type === type);
  const lastTransitionTime = before?.status === status ? before.lastTransitionTime : timeText(context.now);
  return { type, status, reason, message, lastTransitionTime, observedGeneration: context.generation };
}
