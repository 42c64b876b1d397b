import { parseDuration } from './duration.ts';
import { farmSpec, keyPrefixOf } from './long-poll-farm.ts';
import { NAMES } from './names.ts';
import { resolveMetric } from './resolve-metric.ts';
import { type ResourceSpec, specSchema } from './resource.ts';
import type { ChatClusterSpec, ScalingRules, ScheduleSpec, StandbySpec } from './spec.ts';

/** From what people write, once it is known to be right, to what the operator works with: durations in ms, percentages as fractions. `name`: the cluster's. */
export function resolveSpec(written: ResourceSpec, name: string): ChatClusterSpec {
  const { gateway, scaling, drain, rebalance, rollout, balancing, history, broker, authentication, pods, service } = written;
  const farm = farmSpec(written, name);
  return {
    gateway: {
      connectionsPerGateway: gateway.connectionsPerGateway,
      acceptRatePerSecond: gateway.acceptRatePerSecond,
      messageBytes: gateway.messageBytes,
      messagesPerSecond: gateway.messagesPerSecond,
      channelsPerConnection: gateway.channelsPerConnection,
      queueBytes: gateway.queueBytes,
      heartbeatMs: ms(gateway.heartbeat),
      pollTimeoutMs: ms(gateway.pollTimeout),
    },
    scaling: {
      mode: scaling.mode,
      replicas: written.replicas ?? null,
      minReplicas: scaling.minReplicas,
      maxReplicas: scaling.maxReplicas,
      schedules: scaling.schedules.map(schedule),
      intervalMs: ms(scaling.interval),
      targetUtilization: scaling.targetUtilization / 100,
      tolerance: scaling.tolerance / 100,
      standby: { ...scaling.standby, connections: spare(scaling.standby.connections) },
      scaleUp: rules(scaling.behavior.scaleUp),
      scaleDown: rules(scaling.behavior.scaleDown),
      panic: { threshold: scaling.panic.thresholdPercent / 100, windowMs: scaling.panic.windowSeconds * 1_000 },
      lookAhead: scaling.lookAhead.enabled,
      metrics: scaling.metrics.map((metric) => resolveMetric(metric, gateway)),
      fallback: {
        type: scaling.fallback.type,
        replicas: scaling.fallback.replicas ?? null,
        afterMs: scaling.fallback.afterSeconds * 1_000,
      },
    },
    drain: {
      timeoutMs: ms(drain.timeout),
      maxConnectionsPerSecond: drain.maxConnectionsPerSecond,
      onDeletion: written.deletionPolicy,
    },
    rebalance: { enabled: rebalance.enabled, maxSkew: rebalance.maxSkew / 100 },
    rollout: {
      maxSurge: rollout.maxSurge,
      progressDeadlineMs: ms(rollout.progressDeadline),
      maxFailedResumes: rollout.maxFailedResumes / 100,
    },
    balancing: { algorithm: balancing.algorithm },
    history: { maxMessages: history.maxMessages, maxAgeMs: ms(history.maxAge) },
    broker: {
      url: broker.url ?? null,
      keyPrefix: broker.keyPrefix ?? keyPrefixOf(name),
      durability: broker.durability,
      passwordSecret: broker.passwordSecret ?? null,
      caSecret: broker.caSecret ?? null,
    },
    authentication: { jwtSecret: authentication.jwtSecret ?? null },
    pods: { image: pods.image ?? null, template: pods.template },
    service,
    longPolling: farm === null ? null : resolveSpec(specSchema.parse(farm), NAMES.longPollFarm(name)),
  };
}

function ms(duration: string): number {
  const value = parseDuration(duration);
  if (value === null) throw new Error(`not a duration: ${duration}`);
  return value;
}

function rules(written: ResourceSpec['scaling']['behavior']['scaleUp' | 'scaleDown']): ScalingRules {
  return {
    stabilizationMs: written.stabilizationWindowSeconds * 1_000,
    selectPolicy: written.selectPolicy,
    policies: written.policies.map(({ type, value, periodSeconds }) => ({ type, value, periodMs: periodSeconds * 1_000 })),
    tolerance: written.tolerance === undefined ? null : written.tolerance / 100,
  };
}

function spare(connections: number | string): StandbySpec['connections'] {
  if (typeof connections === 'number') return { kind: 'count', count: connections };
  return { kind: 'fraction', fraction: Number.parseInt(connections, 10) / 100 };
}

function schedule(written: ResourceSpec['scaling']['schedules'][number]): ScheduleSpec {
  return {
    name: written.name,
    cron: written.schedule,
    timeZone: written.timeZone,
    durationMs: ms(written.duration),
    minReplicas: written.minReplicas ?? null,
    maxReplicas: written.maxReplicas ?? null,
  };
}
