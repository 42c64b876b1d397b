import { type CelRule, matches, said } from '../cel.ts';
import { DURATION_PATTERN, formatDuration } from '../duration.ts';
import type { ChatClusterSpec } from '../spec.ts';

/** Where a ChatCluster runs: its gateways are processes of one machine, or Pods. */
export type Home = 'machine' | 'kubernetes';

/** A rule between fields that are right by themselves, told twice: for files and the operator, and for the API server, which runs no code of ours. */
export interface Rule {
  /** Paths below `spec`; the first is the one that the error is shown at. The rule is left out when one of them is wrong by itself. */
  readonly fields: readonly [string, ...string[]];
  /** What is wrong and what to do; `null` when nothing is. */
  check(spec: ChatClusterSpec): string | null;
  /** The same on `spec`, for the CRD; `null` for what can't be there. */
  readonly cel: CelRule | null;
  /** The only home that it holds in. */
  readonly only?: Home;
}

/** A rule of the CRD on `spec`. `good` is CEL that is true when all is well; `fault` is told at `field`, with CEL in braces. */
export function celRule(field: string, good: string, fault: string, reason?: CelRule['reason']): CelRule {
  const messageExpression = said(fault);
  // Told when a value that is wrong by itself leaves no message, such as after a division by 0.
  const message = `does not go together with the rest: ${fault.replace(/\{[^{}]+\}/g, '…')}`;
  return { rule: good, message, messageExpression, fieldPath: `.${field}`, ...(reason !== undefined && { reason }) };
}

/** The ms of a duration, in CEL. */
export function celMs(path: string): string {
  return `duration(${path}).getMilliseconds()`;
}

/** CEL that is true for a duration that can't be read, so that a rule leaves it to the duration's own. */
export function celUnreadable(path: string): string {
  return `!${matches(path, DURATION_PATTERN)}`;
}

export function percent(fraction: number): string {
  return `${Math.round(fraction * 100)} %`;
}

/** The whole seconds that hold `ms`, as text. */
export function roundedUp(ms: number): string {
  return formatDuration(Math.ceil(ms / 1_000) * 1_000);
}
