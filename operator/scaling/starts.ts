import type { GatewayView } from '../fleet/fleet.ts';
import type { ScalingMemory } from '../snapshot.ts';

type Starts = ScalingMemory['starts'];

/** Of so many of the newest gateways the start is remembered. */
const KEPT = 5;
/** A start that took longer was held up by something that the next ones need not meet, ms. */
const LONGEST_MS = 5 * 60_000;
/** Until the first gateway was seen to start, ms: an image that is there, a process, its first answer. */
const DEFAULT_MS = 15_000;

/** The starts with those of gateways that became ready since. Each counts as it is first seen: later a gateway may have become ready again. */
export function measured(starts: Starts, gateways: readonly GatewayView[]): Starts {
  const oldest = starts.length < KEPT ? 0 : (starts[0]?.ordinal ?? 0);
  const fresh = gateways.filter(
    ({ ordinal, readyAt }) => readyAt !== null && ordinal > oldest && !starts.some((start) => start.ordinal === ordinal),
  );
  if (fresh.length === 0) return starts;
  const known = fresh.map(({ ordinal, createdAt, readyAt }) => ({
    ordinal,
    ms: Math.min(LONGEST_MS, Math.max(0, (readyAt ?? createdAt) - createdAt)),
  }));
  return [...starts, ...known].sort((a, b) => a.ordinal - b.ordinal).slice(-KEPT);
}

/** How long a gateway that is ordered now may take until it is ready, ms: as long as the slowest of the last. */
export function startTime(starts: Starts): number {
  return starts.length === 0 ? DEFAULT_MS : Math.max(...starts.map(({ ms }) => ms));
}
