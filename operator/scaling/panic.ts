import type { PanicSpec } from '../api/spec.ts';
import type { GatewayView } from '../fleet/fleet.ts';
import type { ScalingMemory } from '../snapshot.ts';

/** Connections that the ready gateways can hold at most, without those that are drained; a cordon alone can be taken back, as a rollout's are. */
export function readyCapacity(gateways: readonly GatewayView[]): number {
  let sum = 0;
  for (const { phase, drain, capacity } of gateways) if (phase === 'ready' && drain === null) sum += capacity;
  return sum;
}

/**
 * Whether there is panic now: it begins when the connections (present or expected) reach the threshold of the ready capacity, as Knative's does, and ends
 * when they were below it for the window.
 */
export function panicOf(
  { threshold, windowMs }: PanicSpec,
  { connections, capacity, now }: { readonly connections: number; readonly capacity: number; readonly now: number },
  before: ScalingMemory['panic'],
): ScalingMemory['panic'] {
  if (connections > 0 && connections >= threshold * capacity) return { since: Math.min(before?.since ?? now, now), until: now + windowMs };
  if (before === null || now >= before.until) return null;
  // A clock that was set back, or a shorter window.
  return before.until <= now + windowMs ? before : { since: Math.min(before.since, now), until: now + windowMs };
}
