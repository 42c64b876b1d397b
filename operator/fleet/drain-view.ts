import type { DrainProgress, DrainRequest } from '../../protocol/admin.ts';
import type { DrainView } from './fleet.ts';

/** The drain that the gateway tells of. Its beginning and end stay as they were first seen: each telling has a delay of its own. */
export function observedDrain(progress: DrainProgress, before: DrainView | null, now: number): DrainView {
  const { ratePerSecond, initial, elapsedMs, remainingMs } = progress;
  return {
    ratePerSecond,
    initial,
    startedAt: before?.startedAt ?? now - elapsedMs,
    deadlineAt: before?.deadlineAt ?? now + remainingMs,
  };
}

/** A drain that begins now, as far as it is known before the gateway answers. */
export function drainAsked({ ratePerSecond, timeoutMs }: DrainRequest, now: number): DrainView {
  return { ratePerSecond, initial: 0, startedAt: now, deadlineAt: now + timeoutMs };
}
