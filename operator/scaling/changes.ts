import type { ScalingPolicy } from '../api/spec.ts';
import type { Change, ScalingMemory } from '../snapshot.ts';

type Changes = ScalingMemory['changes'];

/** Kept in each direction: as many as HPA could make, at one in 15 s, within the longest period. With more, neighbours become one. */
export const MAX_CHANGES = 120;

/** Gateways that were added (or removed) less than `periodMs` ago. */
export function changedWithin(changes: readonly Change[], now: number, periodMs: number): number {
  let sum = 0;
  for (const { at, replicas } of changes) if (at > now - periodMs) sum += replicas;
  return sum;
}

/**
 * The changes once `current` became `desired`. As in HPA a new one takes the place of the last one in the list that no policy of its own direction
 * asks for any more, if there is one: that is then forgotten for the policies of the other direction as well, even if they look further back.
 */
export function remembered(
  changes: Changes,
  { current, desired, now }: { readonly current: number; readonly desired: number; readonly now: number },
  policies: { readonly up: readonly ScalingPolicy[]; readonly down: readonly ScalingPolicy[] },
): Changes {
  if (desired === current) return changes;
  const way = desired > current ? 'up' : 'down';
  return { ...changes, [way]: stored(changes[way], { at: now, replicas: Math.abs(desired - current) }, longestPeriod(policies[way])) };
}

/** The same when the clock may have been set back: a change from the future counts as made now. */
export function notFrom(changes: Changes, now: number): Changes {
  const isLater = ({ at }: Change) => at > now;
  if (!changes.up.some(isLater) && !changes.down.some(isLater)) return changes;
  const here = (list: readonly Change[]) => list.map((change) => (isLater(change) ? { ...change, at: now } : change));
  return { up: here(changes.up), down: here(changes.down) };
}

function stored(list: readonly Change[], change: Change, longestMs: number): readonly Change[] {
  const free = list.findLastIndex(({ at }) => at <= change.at - longestMs);
  if (free >= 0) return list.with(free, change);
  return list.length < MAX_CHANGES ? [...list, change] : [...joined(list), change];
}

/** One fewer: two neighbours in time count as one, made when the later was; those by which the fewest gateways are moved the least. */
function joined(list: readonly Change[]): readonly Change[] {
  const inOrder = [...list].sort((a, b) => a.at - b.at);
  let [best, least] = [0, Number.POSITIVE_INFINITY];
  inOrder.forEach(({ at, replicas }, i) => {
    const moved = replicas * ((inOrder[i + 1]?.at ?? Number.POSITIVE_INFINITY) - at);
    if (moved < least) [best, least] = [i, moved];
  });
  const [first, second] = [inOrder[best], inOrder[best + 1]];
  if (first === undefined || second === undefined) return list;
  return inOrder.toSpliced(best, 2, { at: second.at, replicas: first.replicas + second.replicas });
}

const longestPeriod = (policies: readonly ScalingPolicy[]): number => policies.reduce((most, { periodMs }) => Math.max(most, periodMs), 0);
