import type { ScalingSpec } from '../spec.ts';
import { celRule, percent, type Rule } from './rule.ts';

const TARGET = 'self.scaling.targetUtilization';
const UP = 'self.scaling.behavior.scaleUp.tolerance';
const MAX = 'self.scaling.maxReplicas';
const THRESHOLD = 'self.scaling.panic.thresholdPercent';

/** What counts when the connections are above the target, in CEL. */
const TOLERANCE = `(has(${UP}) ? ${UP} : self.scaling.tolerance)`;

/** How full gateways may be before any is added, a fraction of their capacity. */
const fullest = ({ targetUtilization, tolerance, scaleUp }: ScalingSpec): number =>
  targetUtilization * (1 + (scaleUp.tolerance ?? tolerance));

/** Rules for how the number of gateways follows the load. */
export const BEHAVIOR_RULES: readonly Rule[] = [
  {
    fields: ['scaling.behavior.scaleUp.tolerance', 'scaling.targetUtilization'],
    check: ({ scaling }) => {
      const { tolerance } = scaling.scaleUp;
      if (tolerance === null || fullest(scaling) <= 1 + 1e-9) return null;
      return `${percent(tolerance)} above spec.scaling.targetUtilization ${percent(scaling.targetUtilization)} is more than gateways take, so connections are refused before any is added; lower it to at most ${Math.floor((1 / scaling.targetUtilization - 1) * 100 + 1e-9)}`;
    },
    cel: celRule(
      'scaling.behavior.scaleUp.tolerance',
      `!has(${UP}) || ${TARGET} * (100 + ${UP}) <= 10000`,
      `{${UP}} % above spec.scaling.targetUtilization {${TARGET}} % is more than gateways take, so connections are refused before any is added; lower it to at most {10000 / ${TARGET} - 100}`,
    ),
  },
  {
    fields: ['scaling.panic.thresholdPercent', 'scaling.targetUtilization', 'scaling.tolerance', 'scaling.behavior.scaleUp.tolerance'],
    check: ({ scaling }) => {
      const { threshold } = scaling.panic;
      const full = fullest(scaling);
      if (threshold >= full - 1e-9 || full > 1 + 1e-9) return null;
      const tolerance = scaling.scaleUp.tolerance ?? scaling.tolerance;
      return `${percent(threshold)} is no more than gateways hold in peace, with spec.scaling.targetUtilization ${percent(scaling.targetUtilization)} and ${percent(tolerance)} of tolerance; raise it to at least ${Math.ceil(full * 100 - 1e-9)}`;
    },
    cel: celRule(
      'scaling.panic.thresholdPercent',
      `${THRESHOLD} * 100 >= ${TARGET} * (100 + ${TOLERANCE}) || ${TARGET} * (100 + ${TOLERANCE}) > 10000`,
      `{${THRESHOLD}} % is no more than gateways hold in peace, with spec.scaling.targetUtilization {${TARGET}} % and {${TOLERANCE}} % of tolerance; raise it to at least {(${TARGET} * (100 + ${TOLERANCE}) + 99) / 100}`,
    ),
  },
  {
    fields: ['scaling.standby.zoneFailure', 'scaling.maxReplicas'],
    check: ({ scaling: { standby, maxReplicas } }) =>
      !standby.zoneFailure || maxReplicas > 1
        ? null
        : `needs gateways in two zones, and spec.scaling.maxReplicas ${maxReplicas} allows one gateway; raise maxReplicas to at least 2 or leave zoneFailure out`,
    cel: celRule(
      'scaling.standby.zoneFailure',
      `!self.scaling.standby.zoneFailure || ${MAX} > 1`,
      `needs gateways in two zones, and spec.scaling.maxReplicas {${MAX}} allows one gateway; raise maxReplicas to at least 2 or leave zoneFailure out`,
    ),
  },
];
