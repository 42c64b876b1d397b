import { type CelRule, said } from '../cel.ts';
import { NAMES } from '../names.ts';
import { MAX_NAME_LENGTH, MAX_PARENT_NAME_LENGTH } from '../resource.ts';
import { BEHAVIOR_RULES } from './behavior.ts';
import { DRAIN_RULES } from './drain.ts';
import { METRIC_RULES } from './metrics.ts';
import type { Rule } from './rule.ts';
import { SCALING_RULES } from './scaling.ts';
import { SCHEDULE_RULES } from './schedules.ts';

/** Fields of the farm's own spec, as patterns, and where the one that asks for it has them. */
const FIELDS: readonly (readonly [RegExp, string])[] = [
  [/gateway\.connectionsPerGateway/, 'longPolling.requestsPerGateway'],
  [/gateway\.acceptRatePerSecond/, 'longPolling.acceptRatePerSecond'],
  [/scaling/, 'longPolling.scaling'],
];

/** What is said of the farm's fields, of those of the one that asks for it. */
function renamed(text: string): string {
  return FIELDS.reduce((said, [field, name]) => said.replace(new RegExp(`\\b(spec|self)\\.${field.source}\\b`, 'g'), `$1.${name}`), text);
}

function renamedField(path: string): string {
  return FIELDS.reduce((field, [pattern, name]) => field.replace(new RegExp(`^${pattern.source}\\b`), name), path);
}

/** The same rule for the farm, told of the fields that people wrote. */
function ofFarm({ fields: [first, ...others], check, cel }: Rule): Rule {
  return {
    fields: [renamedField(first), ...others.map(renamedField)],
    check: ({ longPolling }) => {
      const message = longPolling === null ? null : check(longPolling);
      return message === null ? null : renamed(message);
    },
    cel: cel === null ? null : celOfFarm(cel),
  };
}

function celOfFarm({ rule, message, messageExpression, fieldPath, reason }: CelRule): CelRule {
  return {
    rule: `!has(self.longPolling) || (${renamed(rule)})`,
    message: renamed(message),
    ...(messageExpression !== undefined && { messageExpression: renamed(messageExpression) }),
    ...(fieldPath !== undefined && { fieldPath: `.${renamedField(fieldPath.slice(1))}` }),
    ...(reason !== undefined && { reason }),
  };
}

/** What holds for the farm as for every ChatCluster, as far as its own fields are in it. Its `replicas` stand in the farm alone. */
export const FARM_RULES: readonly Rule[] = [...SCALING_RULES, ...BEHAVIOR_RULES, ...SCHEDULE_RULES, ...METRIC_RULES, ...DRAIN_RULES]
  .filter(({ fields }) => fields.some((field) => renamedField(field) !== field) && !fields.includes('replicas'))
  .map(ofFarm);

const SUFFIX = NAMES.longPollFarm('');
const ITSELF = `is the name of a farm for long polling, which has none itself; leave longPolling out, or give the ChatCluster another name`;
const TOO_LONG = (name: string) =>
  `needs a ChatCluster "${name}${SUFFIX}", whose name is longer than ${MAX_NAME_LENGTH} characters; leave longPolling out, or give the ChatCluster a name of at most ${MAX_PARENT_NAME_LENGTH} characters`;

/** Why a ChatCluster of this name can't have a farm, told at `spec.longPolling`; `null` when it can. */
export function farmNameProblem(name: string): string | null {
  if (name.endsWith(SUFFIX)) return `"${name}" ${ITSELF}`;
  return name.length <= MAX_PARENT_NAME_LENGTH ? null : TOO_LONG(name);
}

const NAME = 'self.metadata.name';
const farmRule = (good: string, fault: string, message: string): CelRule => ({
  rule: `!has(self.spec) || !has(self.spec.longPolling) || ${good}`,
  message,
  messageExpression: said(fault),
  fieldPath: '.spec.longPolling',
  reason: 'FieldValueForbidden',
});

/** The same for the CRD, on the whole resource. */
export const FARM_NAME_CEL: readonly CelRule[] = [
  farmRule(`!${NAME}.endsWith("${SUFFIX}")`, `"{${NAME}}" ${ITSELF}`, `the name of the ChatCluster ${ITSELF}`),
  farmRule(
    `${NAME}.endsWith("${SUFFIX}") || size(${NAME}) <= ${MAX_PARENT_NAME_LENGTH}`,
    TOO_LONG(`{${NAME}}`),
    TOO_LONG('NAME').replace('"NAME', '"<name>'),
  ),
];
