import type { GatewayFigure, MetricTarget } from '../../api/spec.ts';
import type { GatewayLoad, GatewayView } from '../../fleet/fleet.ts';
import { demandOf } from '../demand.ts';
import type { Measured } from './measured.ts';
import { partOfWindow } from './part.ts';

/** What else counts for a figure. */
export interface Terms {
  /** How old what a gateway says may be, and for how long the last of it counts when nobody says more, ms. */
  readonly freshMs: number;
  readonly lastMs: number;
  /** Connections that were asked to move, a second: they were accepted anew, but are nobody new. */
  readonly movedPerSecond: number;
}

interface Sum {
  low: number;
  high: number;
  asked: number;
  missing: number;
  newest: number | null;
}

/**
 * A figure summed over the gateways. Like HPA's missing pods, one without a fresh figure is taken at its last one (or 0) before a scale-up, and before a
 * scale-down as fully used, or at the target where nobody knows what that is. Those that leave count, for what they do others will have to do; but not
 * for the delay of event loops, which they take with them.
 */
export function measureFigure(
  figure: GatewayFigure,
  target: MetricTarget,
  gateways: readonly GatewayView[],
  now: number,
  terms: Terms,
): Measured {
  const { freshMs, lastMs } = terms;
  const sum = figure === 'Connections' ? connections(gateways, now, freshMs) : loads(figure, target, gateways, now, terms);
  if (sum.asked === 0) return { kind: 'too-early', why: 'no gateway to ask yet' };
  const remark = sum.missing === 0 ? null : `${sum.missing} of ${sum.asked} gateways tell nothing new`;
  if (sum.missing < sum.asked) return { kind: 'known', low: sum.low, high: sum.high, at: now, remark };
  const problem = sum.asked === 1 ? 'the only gateway tells nothing' : `none of ${sum.asked} gateways tells anything`;
  if (sum.newest === null) return { kind: 'old', value: null, at: now, problem };
  return now - sum.newest <= lastMs ? { kind: 'old', value: sum.low, at: sum.newest, problem } : { kind: 'missing', problem };
}

/** A figure summed over what the gateways say now; `null` when one of them says nothing. */
export function freshTotal(
  figure: GatewayFigure,
  gateways: readonly GatewayView[],
  now: number,
  terms: Omit<Terms, 'lastMs'>,
): number | null {
  const target: MetricTarget = { kind: 'total', value: 0 };
  const measured = measureFigure(figure, target, gateways, now, { ...terms, lastMs: 0 });
  return measured.kind === 'known' && measured.remark === null ? measured.low : null;
}

function connections(gateways: readonly GatewayView[], now: number, freshMs: number): Sum {
  return { ...demandOf(gateways, now, freshMs), newest: newestOf(gateways) };
}

function loads(
  figure: Exclude<GatewayFigure, 'Connections'>,
  target: MetricTarget,
  gateways: readonly GatewayView[],
  now: number,
  { freshMs, movedPerSecond }: Terms,
): Sum {
  const filled = target.kind === 'per-gateway' ? (target.full ?? target.value) : 0;
  const asked = gateways.filter((gateway) => isAsked(gateway) && !(figure === 'EventLoopDelay' && isLeaving(gateway)));
  const sum: Sum = { low: 0, high: 0, asked: asked.length, missing: 0, newest: newestOf(asked.filter(({ load }) => isTold(load))) };
  for (const { load, phase, observedAt, readyAt } of asked) {
    const value = isTold(load) ? figureOf(figure, load, partOfWindow(readyAt, observedAt)) : 0;
    const isFresh = isTold(load) && phase !== 'unreachable' && observedAt !== null && now - observedAt <= freshMs;
    sum.low += value;
    sum.high += isFresh ? value : Math.max(filled, value);
    if (!isFresh) sum.missing += 1;
  }
  // More may have been asked to move within the window than came in it.
  const moved = figure === 'AcceptRate' ? movedPerSecond : 0;
  return { ...sum, low: Math.max(0, sum.low - moved), high: Math.max(0, sum.high - moved) };
}

/** What it adds to the sum. `part`: of the window in which it could have done anything. */
function figureOf(figure: Exclude<GatewayFigure, 'Connections'>, load: GatewayLoad, part: number): number {
  switch (figure) {
    case 'AcceptRate':
      return load.acceptsPerSecond * part;
    case 'MessageRate':
      return load.messagesPerSecond * part;
    case 'EventLoopDelay':
      return load.eventLoopDelayMs;
    case 'Cpu':
      return load.cpuCores * part;
  }
}

function newestOf(gateways: readonly GatewayView[]): number | null {
  return gateways.reduce<number | null>(
    (newest, { observedAt }) => (observedAt === null ? newest : Math.max(newest ?? observedAt, observedAt)),
    null,
  );
}

const isAsked = ({ phase }: GatewayView): boolean => phase === 'ready' || phase === 'unreachable' || phase === 'terminating';
const isLeaving = ({ phase, drain }: GatewayView): boolean => phase === 'terminating' || drain !== null;
const isTold = (load: GatewayLoad | null | undefined): load is GatewayLoad => load !== null && load !== undefined;
