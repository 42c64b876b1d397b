import { isDeepStrictEqual } from 'node:util';
import type { ResourceStatus } from '../status/resource-status.ts';

/**
 * How much a status differs from the one that was written:
 * - something: what people or programs wait for (a number of gateways, a decision, a condition, a drain's begin or end).
 * - progress: how far the drains are.
 * - figures: connections by more than 1 %, or the capacity.
 * - nothing: less than that.
 */
export type Difference = 'something' | 'progress' | 'figures' | 'nothing';

/** The least time between two writes of the status, by what the second one is for, ms. */
const LEAST_GAP_MS: Readonly<Record<Exclude<Difference, 'nothing'>, number>> = { something: 2_000, progress: 5_000, figures: 30_000 };
/** A change of the connections by less than this share is not written. */
const NOTABLE_SHARE = 0.01;

/** Time after the last write from which on this difference may be written, ms; `null` when it needs no write. */
export function gapOf(difference: Difference): number | null {
  return difference === 'nothing' ? null : LEAST_GAP_MS[difference];
}

/** What a write of `next` would tell that `written` doesn't. What only the operator itself needs (`state`) doesn't count. */
export function differenceBetween(written: ResourceStatus | null, next: ResourceStatus): Difference {
  if (written === null || !isDeepStrictEqual(essence(written), essence(next))) return 'something';
  if (!isDeepStrictEqual(written.drains ?? [], next.drains ?? [])) return 'progress';
  return differsNotably(written.connections ?? 0, next.connections ?? 0) || written.capacity !== next.capacity ? 'figures' : 'nothing';
}

function differsNotably(before: number, after: number): boolean {
  return Math.abs(after - before) > Math.max(before, after) * NOTABLE_SHARE;
}

/** What matters at once: without the figures, and without the numbers in sentences, which change all the time. */
function essence(status: ResourceStatus): unknown {
  const { connections, capacity, utilization, state, drains, conditions, ...rest } = status;
  return {
    rest,
    drains: drains?.map(({ gateway, startedAt }) => [gateway, startedAt]) ?? [],
    conditions: conditions?.map(({ message, ...others }) => ({ ...others, message: message.replace(/\d+(\.\d+)?/g, '#') })) ?? [],
  };
}

/** The merge patch (RFC 7396) that makes `before` into `after`; `undefined` when they are equal. Lists are replaced as a whole. */
export function mergePatch(before: unknown, after: unknown): unknown {
  if (!isObject(before) || !isObject(after)) return isDeepStrictEqual(before, after) ? undefined : after;
  const patch: Record<string, unknown> = {};
  for (const key of Object.keys(before)) if (after[key] === undefined && before[key] !== undefined) patch[key] = null;
  for (const [key, value] of Object.entries(after)) {
    const change = value === undefined ? undefined : mergePatch(before[key], value);
    if (change !== undefined) patch[key] = change;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
