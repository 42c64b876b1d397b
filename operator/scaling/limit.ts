import type { ChatCluster } from '../api/spec.ts';
import type { Recommendation } from '../snapshot.ts';

/** A number of gateways after what people hold, and after the limits. */
export interface Limited {
  readonly desired: number;
  /** What decided it instead of `wanted`; `null` when nothing did. */
  readonly limitedBy: NonNullable<Extract<Recommendation, { kind: 'desired' }>['limitedBy']> | null;
  /** Why, in a sentence; `null` when nothing did. */
  readonly reason: string | null;
}

/**
 * What is left of a change from `current` to `wanted` gateways: paused scaling doesn't raise, or doesn't lower, the number; then minReplicas and maxReplicas
 * hold in any case. So whoever changes a limit while scaling is paused gets what the limit asks for, and no more. `asker`: who wants so many, as in
 * "the load needs 3".
 */
export function limited({ spec, controls }: ChatCluster, current: number, wanted: number, asker: string): Limited {
  const { minReplicas, maxReplicas } = spec.scaling;
  const within = (replicas: number): number => Math.min(maxReplicas, Math.max(minReplicas, replicas));
  const held = Math.max(controls.paused.down ? current : 0, controls.paused.up ? Math.min(wanted, current) : wanted);
  const desired = within(held);
  if (desired !== within(wanted)) {
    const way = wanted > held ? 'up' : 'down';
    return { desired, limitedBy: 'pause', reason: `scaling ${way} is paused: stays at ${desired}, ${asker} ${wanted}` };
  }
  if (desired === wanted) return { desired, limitedBy: null, reason: null };
  const limitedBy = desired > wanted ? 'minReplicas' : 'maxReplicas';
  return { desired, limitedBy, reason: `${limitedBy} is ${desired}, ${asker} ${wanted}` };
}
