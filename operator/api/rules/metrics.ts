import type { CelRule } from '../cel.ts';
import { celRule, percent, type Rule } from './rule.ts';

const [METRICS, FALLBACK] = ['scaling.metrics', 'scaling.fallback.replicas'];
const [TARGET, MAX] = ['self.scaling.targetUtilization', 'self.scaling.maxReplicas'];
const [WRITTEN, REPLICAS] = [`self.${METRICS}`, `self.${FALLBACK}`];
const USELESS = `m.type == "Connections" && has(m.target.averageUtilization) && m.target.averageUtilization > ${TARGET}`;

const uselessRule: CelRule = celRule(
  METRICS,
  `!${WRITTEN}.exists(m, ${USELESS})`,
  `Connections at {${WRITTEN}.filter(m, ${USELESS})[0].target.averageUtilization} % never count, since spec.scaling.targetUtilization {${TARGET}} % always does; leave the metric out and raise targetUtilization`,
);

export const METRIC_RULES: readonly Rule[] = [
  {
    fields: [METRICS, 'scaling.targetUtilization', 'gateway.connectionsPerGateway'],
    check: ({ scaling: { metrics, targetUtilization }, gateway: { connectionsPerGateway } }) => {
      const most = connectionsPerGateway * targetUtilization;
      for (const { source, target } of metrics) {
        if (source.kind !== 'gateways' || source.figure !== 'Connections' || target.value <= most + 1e-9) continue;
        return `Connections at ${percent(target.value / connectionsPerGateway)} never count, since spec.scaling.targetUtilization ${percent(targetUtilization)} always does; leave the metric out and raise targetUtilization`;
      }
      return null;
    },
    cel: uselessRule,
  },
  {
    fields: [FALLBACK, 'scaling.maxReplicas'],
    check: ({ scaling: { fallback, maxReplicas } }) =>
      (fallback.replicas ?? 0) <= maxReplicas
        ? null
        : `${fallback.replicas} is above spec.scaling.maxReplicas ${maxReplicas}; lower it to ${maxReplicas} or raise maxReplicas to ${fallback.replicas}`,
    cel: celRule(
      FALLBACK,
      `!has(${REPLICAS}) || ${REPLICAS} <= ${MAX}`,
      `{${REPLICAS}} is above spec.scaling.maxReplicas {${MAX}}; lower it to {${MAX}} or raise maxReplicas to {${REPLICAS}}`,
    ),
  },
];
