import type { ClusterStatus, Condition, Decision, DrainLine, GatewayLine } from '../status/status.ts';
import { span } from '../status/text.ts';

/** Something that happened, as an Event of Kubernetes tells it: `reason` is one word for programs, `note` a sentence for people. */
export interface ClusterEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  /** What was done about it, or is, in one word. */
  readonly action: string;
  readonly note: string;
  /** The gateway that it is about; `null` when it is about the cluster. */
  readonly gateway: string | null;
}

/** What to compare with: the status before, and the number of gateways that was wanted before this operator took over (`null`: none was decided). */
export interface Before {
  readonly status: ClusterStatus | null;
  readonly desired: number | null;
}

/** What happened between two statuses, in the order in which it is best read. Nothing when nothing did. */
export function eventsBetween(before: Before, after: ClusterStatus): ClusterEvent[] {
  const events = scaled(before.status?.desired ?? before.desired, after);
  if (before.status === null) return events;
  const then = before.status;
  return [
    ...events,
    ...conditionEvents(then.conditions, after.conditions),
    ...drainsBegun(then, after),
    ...drainsEnded(then, after),
    ...gatewayEvents(then, after),
    ...rebalancing(then, after),
  ];
}

function scaled(from: number | null, { desired, decisions }: ClusterStatus): ClusterEvent[] {
  if (desired === null || desired === from) return [];
  const why = decisions.find(({ kind }) => kind === 'scale')?.reasons[0];
  const note = `${from === null ? '' : `From ${from} to `}${counted(desired, 'gateway')}${why === undefined ? '' : `: ${why}`}.`;
  const isMore = desired > (from ?? 0);
  return [normal(isMore ? 'ScaledUp' : 'ScaledDown', isMore ? 'ScaleUp' : 'ScaleDown', from === null ? capital(note) : note)];
}

/** A change of a condition that is worth an Event: when it is told depends on the reason, not on the message with its numbers. */
interface Told {
  readonly type: Condition['type'];
  readonly when: (before: Condition, after: Condition) => boolean;
  readonly event: (before: Condition, after: Condition) => Omit<ClusterEvent, 'gateway'>;
}

const becomes = (reason: string) => (before: Condition, after: Condition) => before.reason !== reason && after.reason === reason;

const TOLD: readonly Told[] = [
  {
    type: 'Available',
    when: (before, after) => before.status === 'True' && after.status === 'False',
    event: (_, { message }) => ({ type: 'Warning', reason: 'Unavailable', action: 'Observe', note: message }),
  },
  {
    type: 'Available',
    when: (before, after) => before.status === 'False' && after.status === 'True',
    event: (_, { message }) => ({ type: 'Normal', reason: 'Available', action: 'Observe', note: message }),
  },
  {
    type: 'Progressing',
    when: (before, after) => !isRollout(before) && after.reason === 'RollingOut',
    event: (_, { message }) => ({ type: 'Normal', reason: 'RolloutStarted', action: 'Rollout', note: message }),
  },
  {
    type: 'Progressing',
    when: (before, after) => before.reason !== after.reason && isRolloutPaused(after),
    event: (_, { message }) => ({ type: 'Warning', reason: 'RolloutPaused', action: 'Rollout', note: message }),
  },
  {
    type: 'Progressing',
    when: (before, after) => isRolloutPaused(before) && after.reason === 'RollingOut',
    event: (_, { message }) => ({ type: 'Normal', reason: 'RolloutResumed', action: 'Rollout', note: message }),
  },
  {
    type: 'Progressing',
    when: (before, after) => isRollout(before) && !isRollout(after) && after.status !== 'Unknown',
    event: () => ({ type: 'Normal', reason: 'RolloutFinished', action: 'Rollout', note: 'Every gateway has the present settings.' }),
  },
  {
    type: 'ScalingLimited',
    when: becomes('TooManyReplicas'),
    event: (_, { message }) => ({ type: 'Warning', reason: 'ScalingLimited', action: 'ScaleUp', note: message }),
  },
  {
    type: 'ScalingActive',
    when: becomes('CannotDecide'),
    event: (_, { message }) => ({ type: 'Warning', reason: 'ScalingCannotDecide', action: 'Scale', note: message }),
  },
  {
    type: 'ScalingActive',
    when: becomes('MetricsMissing'),
    event: (_, { message }) => ({ type: 'Warning', reason: 'MetricsMissing', action: 'Scale', note: message }),
  },
];

const isRolloutPaused = ({ reason }: Condition) => reason.startsWith('RolloutPaused') || reason === 'ProgressDeadlineExceeded';
const isRollout = (condition: Condition) => condition.reason === 'RollingOut' || isRolloutPaused(condition);

function conditionEvents(before: readonly Condition[], after: readonly Condition[]): ClusterEvent[] {
  return TOLD.flatMap(({ type, when, event }) => {
    const then = before.find((condition) => condition.type === type);
    const now = after.find((condition) => condition.type === type);
    return then !== undefined && now !== undefined && when(then, now) ? [{ ...event(then, now), gateway: null }] : [];
  });
}

function drainsBegun(before: ClusterStatus, after: ClusterStatus): ClusterEvent[] {
  return after.drains
    .filter((drain) => !isAmong(before.drains, drain))
    .map((drain) => ({
      ...normal('DrainStarted', 'Drain', `${drain.gateway}: ${counted(drain.initial, 'connection')} to be moved away: ${drain.reason}.`),
      gateway: drain.gateway,
    }));
}

function drainsEnded(before: ClusterStatus, after: ClusterStatus): ClusterEvent[] {
  return before.drains
    .filter((drain) => !isAmong(after.drains, drain))
    .flatMap((drain): ClusterEvent[] => {
      const { gateway: name, initial, startedAt } = drain;
      const state = after.gateways.find((gateway) => gateway.name === name)?.state;
      if (state === 'dead' && !isDeletedIn(before, name)) return [];
      const isBack = state === 'ready' || state === 'cordoned';
      const took = span(after.at - startedAt);
      const note = isBack
        ? `${name}: taken back after ${took}, with ${counted(drain.remaining, 'connection')} of ${initial}.`
        : `${name}: done after ${took}; it held ${counted(initial, 'connection')}.`;
      return [{ ...normal(isBack ? 'DrainTakenBack' : 'DrainFinished', 'Drain', note), gateway: name }];
    });
}

const isAmong = (drains: readonly DrainLine[], { gateway }: DrainLine) => drains.some((other) => other.gateway === gateway);

function gatewayEvents(before: ClusterStatus, after: ClusterStatus): ClusterEvent[] {
  const present = new Map(after.gateways.map((gateway) => [gateway.name, gateway]));
  return before.gateways.flatMap((then): ClusterEvent[] => {
    const now = present.get(then.name);
    // One that died is deleted in the round that sees it dead.
    const isOurs = isDeletedIn(now?.state === 'dead' ? before : after, then.name);
    const [reason, note] = changeOf(then, now, isOurs) ?? [];
    if (reason === undefined || note === undefined) return [];
    const type = reason === 'GatewayLeaving' || reason === 'GatewayAnswers' ? 'Normal' : 'Warning';
    return [{ type, reason, action: 'Observe', note: `${then.name}${note}`, gateway: then.name }];
  });
}

/** However long ago: names are never used again. */
function isDeletedIn({ decisions }: ClusterStatus, name: string): boolean {
  return decisions.some(({ kind, gateway }) => kind === 'delete' && gateway === name);
}

function changeOf(then: GatewayLine, now: GatewayLine | undefined, isOurs: boolean): readonly [string, string] | null {
  const held = then.connections ?? 0;
  if (now === undefined) {
    if (isOurs || then.state === 'terminating' || then.state === 'dead') return null;
    return ['GatewayLost', ` is gone, with ${counted(held, 'connection')}, and the operator did not delete it.`];
  }
  if (now.state === then.state) return null;
  switch (now.state) {
    case 'dead':
      // A Pod that ends as it was told is over before it is gone.
      return isOurs ? null : ['GatewayLost', ` is dead; it held ${counted(held, 'connection')}, which come back to the others.`];
    case 'terminating':
      return isOurs || then.state === 'draining'
        ? null
        : ['GatewayLeaving', ' was told to stop by somebody else (a node drain, an eviction, a person); it drains itself.'];
    case 'unreachable':
      // One that was never seen to work had none.
      return then.state === 'starting' ? null : ['GatewayUnreachable', ' does not answer; its clients may still be served.'];
    default:
      return then.state === 'unreachable' ? ['GatewayAnswers', ' answers again.'] : null;
  }
}

function rebalancing(before: ClusterStatus, after: ClusterStatus): ClusterEvent[] {
  const sheds = newDecisions(before, after).filter(({ kind, summary }) => kind === 'shed' && !summary.startsWith('end '));
  const [first] = sheds;
  if (first === undefined) return [];
  const names = sheds.map(({ gateway }) => gateway).join(', ');
  return [normal('Rebalancing', 'Shed', `${names}: connections move to emptier gateways: ${first.reasons[0] ?? 'to even them out'}.`)];
}

/** Those that were not in the log before. */
function newDecisions(before: ClusterStatus, after: ClusterStatus): readonly Decision[] {
  const known = new Set(before.decisions);
  return after.decisions.filter((decision) => !known.has(decision));
}

function normal(reason: string, action: string, note: string): ClusterEvent {
  return { type: 'Normal', reason, action, note, gateway: null };
}

function counted(n: number, word: string): string {
  return n === 1 ? `1 ${word}` : `${n} ${word}s`;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
