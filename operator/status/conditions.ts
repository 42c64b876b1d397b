import { ANNOTATIONS } from '../api/names.ts';
import type { ChatCluster } from '../api/spec.ts';
import type { Rollout } from '../planning/rollout.ts';
import type { Recommendation } from '../snapshot.ts';
import type { Condition, DrainLine, GatewayLine } from './status.ts';

/** What the conditions are told from. */
export interface ConditionInput {
  readonly cluster: ChatCluster;
  readonly desired: number | null;
  readonly recommendation: Recommendation | null;
  readonly waiting: readonly string[];
  readonly rollout: Rollout;
  readonly gateways: readonly GatewayLine[];
  readonly drains: readonly DrainLine[];
  readonly failures: readonly string[];
  /** What keeps the fleet, or one of its gateways, from its work: one line each. */
  readonly problems: readonly string[];
}

/** The cluster's conditions, as Kubernetes writes them, each with a sentence for people. */
export function conditionsOf(input: ConditionInput): Condition[] {
  return [available(input), progressing(input), scalingActive(input), scalingLimited(input), draining(input), degraded(input)];
}

function available({ gateways }: ConditionInput): Condition {
  const ready = gateways.filter((g) => g.state === 'ready');
  const type = 'Available';
  if (ready.length === 0) return { type, status: 'False', reason: 'NoGatewayReady', message: 'No gateway takes connections.' };
  const free = ready.reduce((sum, g) => sum + Math.max(0, g.capacity - (g.connections ?? 0)), 0);
  if (free === 0) return { type, status: 'False', reason: 'Full', message: `Every ready gateway (${ready.length}) is full.` };
  return {
    type,
    status: 'True',
    reason: 'GatewaysReady',
    message: `${plural(ready.length, 'gateway')} ready, room for ${free} more connections.`,
  };
}

function progressing({ cluster, desired, gateways, rollout }: ConditionInput): Condition {
  const type = 'Progressing';
  if (cluster.controls.removing)
    return {
      type,
      status: 'True',
      reason: 'Removing',
      message: `${plural(gateways.length, 'gateway')} still to go: the ChatCluster is being deleted.`,
    };
  if (desired === null) return { type, status: 'Unknown', reason: 'NotDecided', message: 'Nothing was decided yet.' };
  if (rollout.kind === 'paused')
    return { type, status: 'False', reason: rollout.reason, message: `The rollout is paused: ${rollout.message}.` };
  const staying = gateways.filter((g) => g.state === 'ready' || g.state === 'starting' || g.state === 'unreachable');
  const starting = staying.filter((g) => g.state === 'starting').length;
  const leaving = gateways.length - staying.length;
  const old = gateways.filter((g) => !g.current && g.state !== 'dead' && g.state !== 'terminating').length;
  if (old > 0)
    return {
      type,
      status: 'True',
      reason: 'RollingOut',
      message: `${plural(old, 'gateway')} still to be replaced by ones with the present settings.`,
    };
  if (staying.length - starting < desired) {
    return {
      type,
      status: 'True',
      reason: 'ScalingUp',
      message: `${staying.length - starting} of ${plural(desired, 'gateway')} ready, ${starting} starting.`,
    };
  }
  if (leaving > 0 || staying.length > desired) {
    return { type, status: 'True', reason: 'ScalingDown', message: `${plural(gateways.length, 'gateway')}, on the way to ${desired}.` };
  }
  return { type, status: 'False', reason: 'Settled', message: `${plural(desired, 'gateway')}, as it should be.` };
}

function scalingActive({ cluster, recommendation, waiting }: ConditionInput): Condition {
  const type = 'ScalingActive';
  if (recommendation === null) return { type, status: 'Unknown', reason: 'NotDecided', message: 'Nothing was decided yet.' };
  const message = `${[...recommendation.reasons, ...waiting].join('; ')}.`;
  if (recommendation.kind === 'cannot-decide') return { type, status: 'False', reason: 'CannotDecide', message };
  if (recommendation.missing !== undefined) return { type, status: 'False', reason: 'MetricsMissing', message };
  const { up, down } = cluster.controls.paused;
  if (up && down) return { type, status: 'False', reason: 'Paused', message: `Scaling is paused ${BY_ANNOTATION}: ${message}` };
  if (up) return { type, status: 'True', reason: 'UpPaused', message: `Scaling up is paused ${BY_ANNOTATION}: ${message}` };
  if (down) return { type, status: 'True', reason: 'DownPaused', message: `Scaling down is paused ${BY_ANNOTATION}: ${message}` };
  return { type, status: 'True', reason: cluster.spec.scaling.mode === 'External' ? 'External' : 'Decided', message };
}

const BY_ANNOTATION = `(annotation ${ANNOTATIONS.pauseScaling})`;

const LIMITS = {
  minReplicas: { reason: 'TooFewReplicas', remedy: 'Nothing to do: this is the least that is kept.' },
  maxReplicas: { reason: 'TooManyReplicas', remedy: 'Raise spec.scaling.maxReplicas if there is room for more gateways.' },
  scaleUp: { reason: 'ScaleUpLimit', remedy: 'Raise spec.scaling.behavior.scaleUp.policies if that is too slow.' },
  scaleDown: { reason: 'ScaleDownLimit', remedy: 'Nothing to do: it goes on as spec.scaling.behavior.scaleDown.policies allow.' },
  pause: { reason: 'Paused', remedy: `Take the annotation ${ANNOTATIONS.pauseScaling} away to let it.` },
} as const;

const RAISE_SCHEDULED = 'Raise maxReplicas of that schedule if there is room for more gateways.';

function scalingLimited({ cluster, recommendation }: ConditionInput): Condition {
  const type = 'ScalingLimited';
  const limit = recommendation?.kind === 'desired' ? recommendation.limitedBy : undefined;
  const { minBy = null, maxBy = null } = cluster.limits ?? {};
  if (limit === undefined) {
    const { minReplicas, maxReplicas } = cluster.spec.scaling;
    const [least, most] = [minBy === null ? '' : ` (${minReplicas} ${minBy})`, maxBy === null ? '' : ` (${maxReplicas} ${maxBy})`];
    return {
      type,
      status: 'False',
      reason: 'WithinLimits',
      message: `The load asks for a number within minReplicas${least} and maxReplicas${most}.`,
    };
  }
  const { reason, remedy: usual } = LIMITS[limit];
  const remedy = limit === 'maxReplicas' && maxBy !== null ? RAISE_SCHEDULED : usual;
  return { type, status: 'True', reason, message: `${recommendation?.reasons.at(-1)}. ${remedy}` };
}

function draining({ drains }: ConditionInput): Condition {
  const type = 'Draining';
  if (drains.length === 0) return { type, status: 'False', reason: 'NoDrain', message: 'No gateway drains.' };
  const remaining = drains.reduce((sum, d) => sum + d.remaining, 0);
  return {
    type,
    status: 'True',
    reason: 'MovingConnections',
    message: `${plural(remaining, 'connection')} to be moved off ${plural(drains.length, 'gateway')}.`,
  };
}

function degraded({ gateways, recommendation, failures, problems }: ConditionInput): Condition {
  const type = 'Degraded';
  const silent = gateways.filter((g) => g.state === 'unreachable' || g.state === 'dead');
  const missing = silent.map((g) => (g.state === 'dead' ? `${g.name} is dead` : `${g.name} doesn't answer`));
  const disagreeing = recommendation?.kind === 'desired' ? (recommendation.disagreeing ?? []) : [];
  const told = [...missing, ...problems, ...failures, ...disagreeing];
  if (told.length === 0)
    return { type, status: 'False', reason: 'AsExpected', message: 'Every gateway answers and every action succeeded.' };
  const shown = told.length > 3 ? [...told.slice(0, 3), `${told.length - 3} more`] : told;
  const reason =
    missing.length > 0 ? 'GatewaysMissing' : problems.length > 0 ? 'Hindered' : failures.length > 0 ? 'ActionsFail' : 'MetricsDisagree';
  return { type, status: 'True', reason, message: `${shown.join('; ')}.` };
}

function plural(n: number, word: string): string {
  return n === 1 ? `1 ${word}` : `${n} ${word}s`;
}
