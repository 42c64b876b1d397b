import type { GatewayView } from '../fleet/fleet.ts';

/** The rates that a gateway tells are of no less time than this, s: all of it may have come, or gone, in a part of it. */
const LEAST_SECONDS = 1;

/**
 * Counts of gateways are of instants up to a second apart. While people rush in those that were looked at later seem fuller than the others, and while they
 * rush out those that were looked at earlier. This tells how much of that may be so; 0 when all were looked at in one instant.
 */
export class Looks {
  readonly #gateways: readonly GatewayView[];
  readonly #acceptRatePerSecond: number;
  readonly #first: number;

  /** `acceptRatePerSecond`: what a gateway takes at most, for one that doesn't tell what it took. */
  constructor(gateways: readonly GatewayView[], acceptRatePerSecond: number) {
    this.#gateways = gateways;
    this.#acceptRatePerSecond = acceptRatePerSecond;
    this.#first = gateways.reduce((first, { observedAt }) => Math.min(first, observedAt ?? first), Number.POSITIVE_INFINITY);
  }

  /** The most connections that it may have taken since the first of all was looked at: rate × max(1 s, time since then). */
  takenBy({ observedAt, load }: GatewayView): number {
    return (load?.latestAcceptsPerSecond ?? this.#acceptRatePerSecond) * seconds(this.#first, observedAt);
  }

  /** The most connections that those which were looked at after it may have lost since then, by the same rule. Who was moved is elsewhere, and no loss. */
  lostAfter({ observedAt }: GatewayView): number {
    if (observedAt === null) return 0;
    return this.#gateways.reduce((sum, other) => sum + (other.load?.latestLeavesPerSecond ?? 0) * seconds(observedAt, other.observedAt), 0);
  }
}

function seconds(since: number, at: number | null): number {
  return at === null || at <= since ? 0 : Math.max(LEAST_SECONDS, (at - since) / 1_000);
}
