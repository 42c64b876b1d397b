import { LOAD_WINDOW_MS } from '../../fleet/fleet.ts';

/**
 * The part of the window in which a gateway could do anything. What a new one does is told since it is there, what the others do over the whole window: who
 * was moved to it would count twice in their sum, and more gateways would ask for still more. Over the whole window it did so much less.
 */
export function partOfWindow(readyAt: number | null, observedAt: number | null): number {
  if (readyAt === null || observedAt === null) return 1;
  return Math.min(1, Math.max(0, observedAt - readyAt) / LOAD_WINDOW_MS);
}
