import type { Action, GatewayView } from '../fleet/fleet.ts';
import type { Recommendation } from '../snapshot.ts';
import type { Decision } from './status.ts';

/** Decisions that are remembered. */
export const MAX_DECISIONS = 50;

/** The same decision on the same gateway within this time is not repeated (an action that fails is planned every round), ms. */
const REPEAT_MS = 60_000;

/**
 * The decision log after one round, newest first, at most MAX_DECISIONS. Not repeated are: a recommendation of the same number of gateways as the last;
 * an action whose effect the gateway shows already (a drain that is only paced anew); the same action again shortly after.
 * Answers `log` itself when nothing is new.
 */
export function recordDecisions(
  log: readonly Decision[],
  round: {
    readonly now: number;
    readonly gateways: readonly GatewayView[];
    readonly recommendation: Recommendation;
    /** What is held back, and why. */
    readonly waiting: readonly string[];
    readonly actions: readonly Action[];
  },
): readonly Decision[] {
  const fresh: Decision[] = [];
  const scale = scaleDecision(round.now, round.recommendation, round.waiting);
  const last = log.find((d) => d.kind === 'scale');
  if (last === undefined || topic(last) !== topic(scale)) fresh.push(scale);
  for (const action of round.actions) {
    const gateway = round.gateways.find((g) => g.name === action.gateway);
    const decision = actionDecision(round.now, action);
    if (!(gateway !== undefined && isInPlace(gateway, action)) && !isRepeated(log, decision)) fresh.push(decision);
  }
  if (fresh.length === 0) return log;
  return [...fresh.reverse(), ...log].slice(0, MAX_DECISIONS);
}

function scaleDecision(at: number, recommendation: Recommendation, waiting: readonly string[]): Decision {
  const reasons = [...recommendation.reasons, ...waiting];
  const summary = recommendation.kind === 'desired' ? `${gateways(recommendation.desired)}: ${reasons[0] ?? ''}` : 'cannot decide';
  return { at, kind: 'scale', gateway: null, summary, reasons };
}

function actionDecision(at: number, action: Action): Decision {
  return { at, kind: action.kind, gateway: action.gateway, summary: summaryOf(action), reasons: [action.reason] };
}

function summaryOf(action: Action): string {
  switch (action.kind) {
    case 'drain':
      return action.ratePerSecond > 0 ? `drain ${action.gateway}` : `pause the drain of ${action.gateway}`;
    case 'shed':
      return action.count > 0 ? `move connections off ${action.gateway}` : `end the shedding of ${action.gateway}`;
    default:
      return `${action.kind} ${action.gateway}`;
  }
}

function isInPlace(gateway: GatewayView, action: Action): boolean {
  switch (action.kind) {
    case 'create':
      return true;
    case 'cordon':
      return gateway.cordoned;
    case 'uncordon':
      return !gateway.cordoned && gateway.drain === null && gateway.shed === null;
    case 'drain':
      return gateway.drain !== null && gateway.drain.ratePerSecond > 0 === action.ratePerSecond > 0;
    case 'shed':
      return (gateway.shed !== null && gateway.shed.remaining > 0) === action.count > 0;
    case 'delete':
      return gateway.phase === 'terminating';
  }
}

function isRepeated(log: readonly Decision[], decision: Decision): boolean {
  const last = log.find((d) => d.gateway === decision.gateway);
  return last !== undefined && last.summary === decision.summary && decision.at - last.at < REPEAT_MS;
}

/** A recommendation without the numbers that change every second. */
function topic(decision: Decision): string {
  return decision.summary.replace(/:.*/s, '');
}

function gateways(n: number): string {
  return n === 1 ? '1 gateway' : `${n} gateways`;
}
