import type { ChatCluster, ScalingSpec } from '../api/spec.ts';
import type { Recommendation } from '../snapshot.ts';
import type { Rates } from './rates.ts';

/** A number of gateways after what `behavior` allows, what people hold, and the limits. */
export interface Limited {
  readonly desired: number;
  /** What decided it instead of `wanted`; `null` when nothing did. */
  readonly limitedBy: NonNullable<Extract<Recommendation, { kind: 'desired' }>['limitedBy']> | null;
  /** Why, in a sentence; `null` when nothing did. */
  readonly reason: string | null;
}

/** What is asked for. */
export interface Asked {
  readonly current: number;
  readonly wanted: number;
  /** Who wants so many, as in "the load needs 3". */
  readonly asker: string;
  /** What the policies allow; left out: anything. */
  readonly rates?: Rates;
}

/**
 * What is left of a change: the policies of `behavior`; paused scaling doesn't raise, or doesn't lower, the number; then minReplicas and maxReplicas
 * hold in any case. So whoever changes a limit while scaling is paused gets what the limit asks for, and no more.
 */
export function limited({ spec, controls, limits }: ChatCluster, { current, wanted, asker, rates }: Asked): Limited {
  const { minReplicas, maxReplicas } = spec.scaling;
  const within = (replicas: number): number => Math.min(maxReplicas, Math.max(minReplicas, replicas));
  const paced = rates === undefined ? wanted : Math.min(rates.most, Math.max(rates.least, wanted));
  const held = Math.max(controls.paused.down ? current : 0, controls.paused.up ? Math.min(paced, current) : paced);
  const desired = within(held);
  if (desired !== within(paced)) {
    const way = paced > held ? 'up' : 'down';
    return { desired, limitedBy: 'pause', reason: `scaling ${way} is paused: stays at ${desired}, ${asker} ${wanted}` };
  }
  if (desired === wanted) return { desired, limitedBy: null, reason: null };
  // Of a policy and a limit that allow the same the limit is named, for it stays.
  if (paced < wanted && paced < maxReplicas && paced >= minReplicas) return paces('scaleUp', spec.scaling, desired, `${asker} ${wanted}`);
  if (paced > wanted && paced > minReplicas && paced <= maxReplicas) return paces('scaleDown', spec.scaling, desired, `${asker} ${wanted}`);
  const limitedBy = desired < paced || paced < wanted ? 'maxReplicas' : 'minReplicas';
  const by = (limitedBy === 'minReplicas' ? limits?.minBy : limits?.maxBy) ?? null;
  return { desired, limitedBy, reason: `${limitedBy} is ${desired}${by === null ? '' : ` ${by}`}, ${asker} ${wanted}` };
}

function paces(limitedBy: 'scaleUp' | 'scaleDown', scaling: ScalingSpec, desired: number, asked: string): Limited {
  const field = `behavior.${limitedBy}`;
  const what =
    scaling[limitedBy].selectPolicy === 'Disabled'
      ? `${field}.selectPolicy is Disabled: stays at`
      : `${field}.policies allow ${limitedBy === 'scaleUp' ? 'at most' : 'no fewer than'}`;
  return { desired, limitedBy, reason: `${what} ${desired} now, ${asked}` };
}
