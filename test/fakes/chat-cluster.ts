import { DEFAULTS } from '../../operator/api/defaults.ts';
import { parseResource } from '../../operator/api/parse.ts';
import type { ChatCluster, ChatClusterSpec, ScalingSpec } from '../../operator/api/spec.ts';
import type { GatewayView } from '../../operator/fleet/fleet.ts';

/** The groups of scaling that are changed field by field. */
type ScalingGroup = 'standby' | 'scaleUp' | 'scaleDown' | 'panic';
type ScalingChanges = Partial<Omit<ScalingSpec, ScalingGroup>> & { readonly [Group in ScalingGroup]?: Partial<ScalingSpec[Group]> };

/** The groups of a spec that a test changes; the rest are the defaults. */
export type SpecChanges = {
  readonly [Group in Exclude<keyof ChatClusterSpec, 'scaling' | 'longPolling'>]?: Partial<ChatClusterSpec[Group]>;
} & {
  readonly scaling?: ScalingChanges;
};

/** These scaling settings with changes. */
export function scalingWith(base: ScalingSpec, changes: ScalingChanges = {}): ScalingSpec {
  return {
    ...base,
    ...changes,
    standby: { ...base.standby, ...changes.standby },
    scaleUp: { ...base.scaleUp, ...changes.scaleUp },
    scaleDown: { ...base.scaleDown, ...changes.scaleDown },
    panic: { ...base.panic, ...changes.panic },
  };
}

/** The default spec with changes, in the form that the operator works with. */
export function spec(changes: SpecChanges = {}): ChatClusterSpec {
  return cluster(changes).spec;
}

/** A ChatCluster "chat" with the default spec and changes. */
export function cluster(changes: SpecChanges = {}): ChatCluster {
  const parsed = parseResource({ apiVersion: 'chatcluster.io/v1alpha1', kind: 'ChatCluster', metadata: { name: 'chat' }, spec: DEFAULTS });
  if (parsed.kind === 'invalid') throw new Error(parsed.errors.map((error) => error.message).join('\n'));
  const { spec: base } = parsed.cluster;
  return {
    name: 'chat',
    spec: {
      gateway: { ...base.gateway, ...changes.gateway },
      scaling: scalingWith(base.scaling, changes.scaling),
      drain: { ...base.drain, ...changes.drain },
      rebalance: { ...base.rebalance, ...changes.rebalance },
      rollout: { ...base.rollout, ...changes.rollout },
      balancing: { ...base.balancing, ...changes.balancing },
      history: { ...base.history, ...changes.history },
      broker: { ...base.broker, ...changes.broker },
      authentication: { ...base.authentication, ...changes.authentication },
      pods: { ...base.pods, ...changes.pods },
      service: { ...base.service, ...changes.service },
      longPolling: base.longPolling,
    },
    controls: { paused: { up: false, down: false }, rebalance: null, removing: false },
  };
}

/** A ready gateway "chat-<ordinal>" of revision "r1" that was observed at instant 0. */
export function gateway(changes: Partial<GatewayView> = {}): GatewayView {
  const ordinal = changes.ordinal ?? 1;
  return {
    name: `chat-${ordinal}`,
    ordinal,
    revision: 'r1',
    phase: 'ready',
    cordoned: false,
    drain: null,
    shed: null,
    connections: 0,
    migrating: 0,
    capacity: 500,
    createdAt: 0,
    readyAt: 0,
    observedAt: 0,
    zone: null,
    resumes: null,
    problem: null,
    pid: 1000 + ordinal,
    ...changes,
  };
}
