import type { ScalingPolicy, ScalingRules, ScalingSpec } from '../api/spec.ts';
import type { ScalingMemory } from '../snapshot.ts';
import { changedWithin } from './changes.ts';

/** How many gateways there may be now, by the policies of `behavior`. */
export interface Rates {
  /** Never below the present number. */
  readonly most: number;
  /** Never above it. */
  readonly least: number;
}

/**
 * HPA's policies: each allows so many gateways, or percent, more (fewer) than there were when its period began; that number is the present one without what
 * was changed since, in both directions. Of several the greatest change counts, or the smallest, as `selectPolicy` says.
 */
export function ratesOf(
  { scaleUp, scaleDown }: Pick<ScalingSpec, 'scaleUp' | 'scaleDown'>,
  current: number,
  changes: ScalingMemory['changes'],
  now: number,
): Rates {
  const began = ({ periodMs }: ScalingPolicy) =>
    current - changedWithin(changes.up, now, periodMs) + changedWithin(changes.down, now, periodMs);
  return {
    most: Math.max(
      current,
      select(scaleUp, current, Math.max, (policy) => raised(policy, began(policy))),
    ),
    least: Math.min(
      current,
      select(scaleDown, current, Math.min, (policy) => lowered(policy, began(policy))),
    ),
  };
}

/** Rounded up, so that a small fleet grows at all. */
function raised({ type, value }: ScalingPolicy, from: number): number {
  return type === 'Pods' ? from + value : Math.ceil(from * (1 + value / 100));
}

/** Rounded towards 0, so that a small fleet shrinks at all. */
function lowered({ type, value }: ScalingPolicy, from: number): number {
  return type === 'Pods' ? from - value : Math.trunc(from * (1 - value / 100));
}

/** `furthest`: which of two numbers is the greater change. */
function select(
  { selectPolicy, policies }: ScalingRules,
  current: number,
  furthest: typeof Math.max,
  proposal: (policy: ScalingPolicy) => number,
): number {
  if (selectPolicy === 'Disabled') return current;
  const proposals = policies.map(proposal);
  const nearest = furthest === Math.max ? Math.min : Math.max;
  return selectPolicy === 'Max' ? furthest(...proposals) : nearest(...proposals);
}
