import type { FallbackSpec, MetricSpec, MetricTarget } from '../../api/spec.ts';
import type { Measured } from './measured.ts';
import { ago, amount } from './words.ts';

/** Sums and quotients of fractions are a hair off. */
const ROUNDING = 1e-9;

/** What a metric is weighed against. */
export interface Setting {
  /** The number of gateways last decided. */
  readonly current: number;
  /** Spare gateways, on top of whatever is needed. */
  readonly standby: number;
  /** Gateways that took part in the metric long enough to show in a value of that time (wall clock, ms), and those that may. For targets of kind `total`. */
  readonly settledAt: (at: number) => number;
  readonly serving: number;
  readonly tolerance: { readonly up: number; readonly down: number };
  readonly fallback: FallbackSpec;
  /** minReplicas in force. */
  readonly minimum: number;
  readonly now: number;
}

/** What one metric asks for. */
export interface Proposal {
  readonly name: string;
  readonly replicas: number;
  readonly reason: string;
  /** Why its value is missing, in words; `null` when it isn't. */
  readonly missing: string | null;
}

/**
 * How many gateways a metric asks for, by HPA's formula: ⌈gateways × value / target⌉, and as many as there are within the tolerance. Never fewer while the value
 * is missing, until the fallback says otherwise.
 */
export function propose({ name, target }: MetricSpec, measured: Measured, setting: Setting): Proposal {
  const { current, fallback, minimum, now } = setting;
  switch (measured.kind) {
    case 'too-early':
      return { name, replicas: current, reason: `${name}: ${measured.why}`, missing: null };
    case 'known': {
      const { replicas, value } = within(target, measured, setting);
      const remark = measured.remark === null ? '' : `, ${measured.remark}`;
      return { name, replicas, reason: `${name}: ${quotient(target, value, setting)}${remark}: ${replicas}`, missing: null };
    }
    case 'old': {
      const { value, at, problem } = measured;
      const replicas = value === null ? current : within(target, { low: value, high: Number.POSITIVE_INFINITY, at }, setting).replicas;
      const last = value === null ? '' : `, ${amount(value)} ${ago(now - at)} counts for a scale-up`;
      return { name, replicas, reason: `${name} is missing (${problem})${last}: no scale-down`, missing: problem };
    }
    case 'missing': {
      const replicas = fallbackOf(fallback, current, minimum);
      return {
        name,
        replicas,
        reason: `${name} is missing (${measured.problem}): fallback ${fallback.type}, ${replicas}`,
        missing: measured.problem,
      };
    }
  }
}

function fallbackOf({ type, replicas }: FallbackSpec, current: number, minimum: number): number {
  switch (type) {
    case 'Hold':
      return current;
    case 'Replicas':
      return replicas ?? current;
    case 'ScheduleMinimum':
      return minimum;
  }
}

/** More when the least that it can be asks for more; fewer only when the most that it can be asks for fewer. `value`: the one that decided. */
function within(
  target: MetricTarget,
  { low, high, at }: { readonly low: number; readonly high: number; readonly at: number },
  setting: Setting,
): { readonly replicas: number; readonly value: number } {
  const { current, tolerance } = setting;
  if (ratioOf(target, low, setting) > 1 + tolerance.up + ROUNDING)
    return { replicas: Math.max(current, needed(target, low, setting, setting.settledAt(at))), value: low };
  if (ratioOf(target, high, setting) < 1 - tolerance.down - ROUNDING)
    return { replicas: Math.min(current, needed(target, high, setting, Math.max(current, setting.serving))), value: high };
  return { replicas: current, value: low };
}

/** The value by the target, as far as the gateways that are no spare ones go. */
function ratioOf(target: MetricTarget, value: number, { current, standby }: Setting): number {
  return value / (target.kind === 'total' ? target.value : target.value * Math.max(1, current - standby));
}

/** `gateways`: those that made the value what it is. */
function needed(target: MetricTarget, value: number, { standby }: Setting, gateways: number): number {
  const perGateway = target.kind === 'per-gateway' ? target.value : target.value / Math.max(1, gateways - standby);
  return Math.max(0, Math.ceil(value / perGateway - ROUNDING)) + standby;
}

function quotient(target: MetricTarget, value: number, setting: Setting): string {
  const share = `${Math.round(ratioOf(target, value, setting) * 100)} % of the target`;
  return target.kind === 'total'
    ? `${amount(value)} of ${amount(target.value)} in all (${share})`
    : `${amount(value)} / ${amount(target.value)} per gateway (${share})`;
}
