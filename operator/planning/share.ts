/** Something that moves connections and wants a share of the fleet-wide budget. */
export interface Mover {
  /** Connections per second in force now. */
  readonly present: number;
  /** Connections that are still to be asked to move. 0: it has no use for a rate any more. */
  readonly unasked: number;
  /** The least rate with which it is done in time. */
  readonly least: number;
}

/** A rate is raised only by more than this fraction: less is not worth an action. */
const NEGLIGIBLE = 0.1;

/** What all those together may keep that have nothing left to ask, as a fraction of the budget, and each of them, per second: somebody may come yet. */
const IDLE_SHARE = 0.1;
const IDLE_RATE = 1;

/**
 * The rate of each mover, in their order: even shares of `budget` (connections per second), but first to each what it needs to be done in time.
 * One that has nothing left to ask leaves all but a little to the others.
 */
export function shareBudget(movers: readonly Mover[], budget: number): number[] {
  const wanting = movers.filter(({ unasked }) => unasked > 0);
  const idle = movers.length - wanting.length;
  const idleRate = wanting.length === 0 ? budget / idle : Math.min(IDLE_RATE, (budget * IDLE_SHARE) / idle);
  let left = budget;
  const rates = movers.map(({ unasked, present }) => {
    if (unasked > 0) return 0;
    const rate = rounded(Math.min(present, idleRate));
    left -= rate;
    return rate;
  });
  const share = evenShare(wanting, left);
  movers.forEach(({ unasked, least, present }, i) => {
    if (unasked === 0) return;
    const ideal = rounded(Math.min(left, Math.max(share, least)));
    const rate = present <= ideal && present >= ideal * (1 - NEGLIGIBLE) ? present : ideal;
    left -= rate;
    rates[i] = rate;
  });
  return rates;
}

/** What each gets that needs no more than that. */
function evenShare(movers: readonly Mover[], budget: number): number {
  const byNeed = [...movers].sort((a, b) => b.least - a.least);
  let left = budget;
  let count = byNeed.length;
  for (const { least } of byNeed) {
    if (least <= left / count) break;
    left = Math.max(0, left - least);
    count -= 1;
  }
  return count === 0 ? 0 : left / count;
}

/** Down to a number that can be read. */
const rounded = (rate: number): number => (rate >= 1 ? Math.floor(rate * 10) / 10 : Math.floor(rate * 1000) / 1000);
