import type { GatewayView } from '../fleet/fleet.ts';

/** The rate that a gateway tells is of no less time than this, s: all of it may have come in a part of it. */
const LEAST_SECONDS = 1;

/**
 * The most that a gateway may have taken since the first of `gateways` was looked at: their counts are of instants up to a second apart, and while people
 * rush in those that were looked at later seem fuller. 0 when all are of one instant.
 * rate × max(1 s, time since then); rate: what it took lately, as long as that isn't known what it takes at most (`acceptRatePerSecond`).
 */
export function takenSinceFirstLook(
  gateways: readonly GatewayView[],
  acceptRatePerSecond: number,
): (gateway: Pick<GatewayView, 'observedAt' | 'load'>) => number {
  let first = Number.POSITIVE_INFINITY;
  for (const { observedAt } of gateways) if (observedAt !== null) first = Math.min(first, observedAt);
  return ({ observedAt, load }) => {
    if (observedAt === null || observedAt <= first) return 0;
    return (load?.latestAcceptsPerSecond ?? acceptRatePerSecond) * Math.max(LEAST_SECONDS, (observedAt - first) / 1_000);
  };
}
