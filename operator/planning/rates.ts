/** A share of the fleet-wide budget for something that moves connections. */
export interface Mover {
  readonly gateway: string;
  /** Connections per second in force now; 0 when nothing moves. */
  readonly present: number;
  /** The most that has a use, connections per second. */
  readonly wanted: number;
}

/** Rates closer than this fraction are not worth an action. */
const NEGLIGIBLE = 0.05;

/**
 * Shares `budget` (connections per second) evenly; what one mover has no use for goes to the others.
 * A present rate that is near enough and fits stays as it is.
 */
export function shareBudget(movers: readonly Mover[], budget: number): Map<string, number> {
  const rates = new Map<string, number>();
  let left = Math.max(0, budget);
  const byWant = [...movers].sort((a, b) => a.wanted - b.wanted);
  byWant.forEach((mover, i) => {
    const rate = Math.floor(Math.min(mover.wanted, left / (byWant.length - i)) * 10) / 10;
    const keep = mover.present <= rate && rate - mover.present <= rate * NEGLIGIBLE;
    rates.set(mover.gateway, keep ? mover.present : rate);
    left -= rate;
  });
  return rates;
}
