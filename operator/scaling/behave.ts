import type { ChatCluster } from '../api/spec.ts';
import type { ScalingMemory } from '../snapshot.ts';
import { notFrom, remembered } from './changes.ts';
import { type Limited, limited } from './limit.ts';
import { ratesOf } from './rates.ts';
import { stabilize } from './stabilize.ts';

/** A change as `behavior`, people and the limits let it happen, and what must be remembered of it. */
export interface Behaved extends Limited {
  /** After the stabilization windows alone. */
  readonly stable: number;
  readonly memory: Pick<ScalingMemory, 'desired' | 'recommendations' | 'changes'>;
}

/**
 * From `wanted` (the raw recommendation) to the number of gateways, with HPA's `behavior` and its results: the stabilization windows, the policies, then what
 * people paused, minReplicas and maxReplicas. `hurry`: a scale-up doesn't wait for its window.
 */
export function behave(
  cluster: ChatCluster,
  {
    current,
    wanted,
    now,
    hurry = false,
  }: { readonly current: number; readonly wanted: number; readonly now: number; readonly hurry?: boolean },
  memory: Pick<ScalingMemory, 'recommendations' | 'changes'>,
): Behaved {
  const { scaleUp, scaleDown } = cluster.spec.scaling;
  const upMs = hurry ? 0 : scaleUp.stabilizationMs;
  const stable = stabilize({ current, wanted, now, upMs, downMs: scaleDown.stabilizationMs, recommendations: memory.recommendations });
  const before = notFrom(memory.changes, now);
  const rates = ratesOf(cluster.spec.scaling, current, before, now);
  const result = limited(cluster, { current, wanted: stable.replicas, asker: 'the load needs', rates });
  const { desired } = result;
  const changes = remembered(before, { current, desired, now }, { up: scaleUp.policies, down: scaleDown.policies });
  return { ...result, stable: stable.replicas, memory: { desired, recommendations: stable.recommendations, changes } };
}
