import { celRule, percent, type Rule } from './rule.ts';

const [MIN, MAX] = ['self.scaling.minReplicas', 'self.scaling.maxReplicas'];
const [TARGET, TOLERANCE] = ['self.scaling.targetUtilization', 'self.scaling.tolerance'];
const [SPARE_GATEWAYS, SPARE] = ['self.scaling.standby.gateways', 'self.scaling.standby.connections'];
const CAPACITY = 'self.gateway.connectionsPerGateway';

export const SCALING_RULES: readonly Rule[] = [
  {
    fields: ['replicas', 'scaling.mode'],
    check: ({ scaling: { mode, replicas } }) =>
      mode === 'External' || replicas === null
        ? null
        : `${replicas} is for spec.scaling.mode External, and with ${mode} the operator decides; leave replicas out and set minReplicas and maxReplicas, or write mode: External`,
    cel: celRule(
      'replicas',
      '!has(self.replicas) || self.scaling.mode == "External"',
      '{self.replicas} is for spec.scaling.mode External, and with {self.scaling.mode} the operator decides; leave replicas out and set minReplicas and maxReplicas, or write mode: External',
      'FieldValueForbidden',
    ),
  },
  {
    fields: ['scaling.minReplicas', 'scaling.maxReplicas'],
    check: ({ scaling: { minReplicas: min, maxReplicas: max } }) =>
      min <= max ? null : `${min} is above spec.scaling.maxReplicas ${max}; lower it to ${max} or raise maxReplicas to ${min}`,
    cel: celRule(
      'scaling.minReplicas',
      `${MIN} <= ${MAX}`,
      `{${MIN}} is above spec.scaling.maxReplicas {${MAX}}; lower it to {${MAX}} or raise maxReplicas to {${MIN}}`,
    ),
  },
  {
    fields: ['scaling.targetUtilization', 'gateway.connectionsPerGateway'],
    check: ({ scaling, gateway }) => {
      const perGateway = scaling.targetUtilization * gateway.connectionsPerGateway;
      if (perGateway >= 1) return null;
      const least = Math.ceil(100 / gateway.connectionsPerGateway);
      return `${percent(scaling.targetUtilization)} of spec.gateway.connectionsPerGateway ${gateway.connectionsPerGateway} is less than one connection; raise it to at least ${least}`;
    },
    cel: celRule(
      'scaling.targetUtilization',
      `${TARGET} * ${CAPACITY} >= 100`,
      `{${TARGET}} % of spec.gateway.connectionsPerGateway {${CAPACITY}} is less than one connection; raise it to at least {(99 + ${CAPACITY}) / ${CAPACITY}}`,
    ),
  },
  {
    fields: ['scaling.targetUtilization', 'scaling.tolerance'],
    check: ({ scaling: { targetUtilization: target, tolerance, scaleUp } }) => {
      const fullest = target * (1 + tolerance);
      if (scaleUp.tolerance !== null || fullest <= 1 + 1e-9) return null;
      return `${percent(target)} with spec.scaling.tolerance ${percent(tolerance)} lets gateways fill to ${(fullest * 100).toFixed(1)} %, so connections are refused before any is added; lower it to at most ${Math.floor(100 / (1 + tolerance) + 1e-9)} or lower tolerance to at most ${Math.floor((1 / target - 1) * 100 + 1e-9)}`;
    },
    cel: celRule(
      'scaling.targetUtilization',
      `has(self.scaling.behavior.scaleUp.tolerance) || ${TARGET} * (100 + ${TOLERANCE}) <= 10000`,
      `{${TARGET}} % with spec.scaling.tolerance {${TOLERANCE}} % lets gateways fill to more than they take, so connections are refused before any is added; lower it to at most {10000 / (100 + ${TOLERANCE})} or lower tolerance to at most {10000 / ${TARGET} - 100}`,
    ),
  },
  {
    fields: ['scaling.standby.gateways', 'scaling.maxReplicas'],
    check: ({ scaling: { standby, maxReplicas } }) =>
      standby.gateways < maxReplicas
        ? null
        : `${standby.gateways} leave none of spec.scaling.maxReplicas ${maxReplicas} for the load; lower it to at most ${maxReplicas - 1} or raise maxReplicas to at least ${standby.gateways + 1}`,
    cel: celRule(
      'scaling.standby.gateways',
      `${SPARE_GATEWAYS} < ${MAX}`,
      `{${SPARE_GATEWAYS}} leave none of spec.scaling.maxReplicas {${MAX}} for the load; lower it to at most {${MAX} - 1} or raise maxReplicas to at least {${SPARE_GATEWAYS} + 1}`,
    ),
  },
  {
    fields: [
      'scaling.standby.connections',
      'scaling.standby.gateways',
      'scaling.maxReplicas',
      'scaling.targetUtilization',
      'gateway.connectionsPerGateway',
    ],
    check: ({ scaling, gateway }) => {
      const { standby, maxReplicas } = scaling;
      const perGateway = scaling.targetUtilization * gateway.connectionsPerGateway;
      if (standby.connections.kind !== 'count' || standby.gateways >= maxReplicas || perGateway < 1) return null;
      const { count } = standby.connections;
      const room = Math.floor((maxReplicas - standby.gateways) * perGateway + 1e-9);
      if (count < room) return null;
      const needed = Math.floor(count / perGateway + 1e-9) + 1 + standby.gateways;
      return `${count} spare connections leave no room for any other in spec.scaling.maxReplicas ${maxReplicas}; lower it below ${room} or raise maxReplicas to at least ${needed}`;
    },
    cel: celRule(
      'scaling.standby.connections',
      `type(${SPARE}) != int || ${SPARE_GATEWAYS} >= ${MAX} || ${TARGET} * ${CAPACITY} < 100 || ${SPARE} < (${MAX} - ${SPARE_GATEWAYS}) * ${TARGET} * ${CAPACITY} / 100`,
      `{${SPARE}} spare connections leave no room for any other in spec.scaling.maxReplicas {${MAX}}; lower it below {(${MAX} - ${SPARE_GATEWAYS}) * ${TARGET} * ${CAPACITY} / 100} or raise maxReplicas to at least {int(${SPARE}) * 100 / (${TARGET} * ${CAPACITY}) + 1 + ${SPARE_GATEWAYS}}`,
    ),
  },
];
