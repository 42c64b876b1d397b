import type { CelRule } from './cel.ts';
import { BEHAVIOR_RULES } from './rules/behavior.ts';
import { DRAIN_RULES } from './rules/drain.ts';
import { GATEWAY_RULES } from './rules/gateway.ts';
import { FARM_RULES, farmNameProblem } from './rules/long-polling.ts';
import { METRIC_RULES } from './rules/metrics.ts';
import type { Home, Rule } from './rules/rule.ts';
import { SCALING_RULES } from './rules/scaling.ts';
import { SCHEDULE_RULES } from './rules/schedules.ts';
import type { ChatClusterSpec } from './spec.ts';

const RULES: readonly Rule[] = [
  ...SCALING_RULES,
  ...BEHAVIOR_RULES,
  ...SCHEDULE_RULES,
  ...METRIC_RULES,
  ...DRAIN_RULES,
  ...GATEWAY_RULES,
  ...FARM_RULES,
];

/** The rules for the CRD, on `spec`. */
export const SPEC_CEL: readonly CelRule[] = RULES.map(({ cel }) => cel).filter((cel) => cel !== null);

/** What contradicts itself in the spec of the ChatCluster `name`, leaving out the rules that touch `wrong` paths (below `spec`, or groups of such). */
export function contradictions(
  spec: ChatClusterSpec,
  name: string,
  wrong: readonly string[],
  home: Home,
): { readonly path: string; readonly message: string }[] {
  const found: { path: string; message: string }[] = [];
  for (const rule of RULES) {
    if (rule.only !== undefined && rule.only !== home) continue;
    if (rule.fields.some((field) => wrong.some((path) => path === '' || field === path || field.startsWith(`${path}.`)))) continue;
    const message = rule.check(spec);
    if (message !== null) found.push({ path: `spec.${rule.fields[0]}`, message });
  }
  const misnamed = spec.longPolling === null ? null : farmNameProblem(name);
  if (misnamed !== null) found.push({ path: 'spec.longPolling', message: misnamed });
  return found;
}
