import type { DrainProgress, DrainRequest } from '../../../protocol/admin.ts';
import type { DrainView } from '../fleet.ts';

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

/** The drain of a gateway that has not started: it holds nothing. */
export function drainOfStarting({ ratePerSecond, timeoutMs }: DrainRequest, before: DrainView | null, now: number): DrainView {
  return { ratePerSecond, initial: 0, startedAt: before?.startedAt ?? now, deadlineAt: before?.deadlineAt ?? now + timeoutMs };
}
