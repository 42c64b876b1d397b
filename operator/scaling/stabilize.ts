import type { ScalingMemory } from '../snapshot.ts';

type Recommendations = ScalingMemory['recommendations'];

/** A number of replicas after the stabilization windows, and what must be remembered for the next ones. */
export interface Stabilized {
  readonly replicas: number;
  readonly recommendations: Recommendations;
}

/**
 * HPA's stabilization: a scale-down goes no lower than the highest recommendation inside its window, a scale-up no higher than the lowest inside its own;
 * between the two nothing changes. Of the recommendations only those are kept that no later one outdoes (a monotone deque for each window, in one list).
 * A recommendation from the future (the clock was set back) counts as made now.
 */
export function stabilize(input: {
  readonly current: number;
  readonly wanted: number;
  readonly now: number;
  readonly upMs: number;
  readonly downMs: number;
  readonly recommendations: Recommendations;
}): Stabilized {
  const { current, wanted, now, recommendations } = input;
  let lowest = wanted;
  let highest = wanted;
  const kept = [{ at: now, replicas: wanted }];
  for (let i = recommendations.length - 1; i >= 0; i--) {
    const past = recommendations[i];
    if (past === undefined) continue;
    const at = Math.min(past.at, now);
    const holdsDown = at > now - input.downMs && past.replicas > highest;
    const holdsUp = at > now - input.upMs && past.replicas < lowest;
    if (holdsDown) highest = past.replicas;
    if (holdsUp) lowest = past.replicas;
    if (holdsDown || holdsUp) kept.push(at === past.at ? past : { at, replicas: past.replicas });
  }
  kept.reverse();
  const replicas = Math.min(Math.max(current, lowest), highest);
  return { replicas, recommendations: kept };
}
