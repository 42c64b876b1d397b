import type { ScalingMemory, Snapshot } from '../snapshot.ts';
import { type Limited, limited } from './limit.ts';
import type { Scaled } from './recommend.ts';

/**
 * As many gateways as `spec.replicas` says, whoever wrote it (`kubectl scale`, a HorizontalPodAutoscaler, a person); as many as before when it says nothing.
 * No standby is added and nothing is foreseen, for who decides knows what is needed. It counts as what is needed now: with mode Auto again, a scale-down
 * waits for its window.
 */
export function asAsked({ cluster, now }: Snapshot, memory: ScalingMemory): Scaled {
  const { replicas, minReplicas } = cluster.spec.scaling;
  const current = memory.desired ?? minReplicas;
  const asker = replicas === null ? 'there are' : 'spec.replicas asks for';
  const result: Limited = limited(cluster, { current, wanted: replicas ?? current, asker });
  const reasons = [replicas === null ? `spec.replicas is not set: stays at ${result.desired}` : `spec.replicas asks for ${replicas}`];
  if (result.reason !== null) reasons.push(result.reason);
  return {
    recommendation: {
      kind: 'desired',
      desired: result.desired,
      needed: replicas ?? current,
      reasons,
      ...(result.limitedBy !== null && { limitedBy: result.limitedBy }),
    },
    memory: { ...memory, desired: result.desired, recommendations: [{ at: now, replicas: result.desired }], panic: null, samples: [] },
  };
}
