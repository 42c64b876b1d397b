import type { CelRule } from '../cel.ts';
import type { ScheduleSpec } from '../spec.ts';
import { celRule, type Rule } from './rule.ts';

const [MIN, MAX, SPARE] = ['self.scaling.minReplicas', 'self.scaling.maxReplicas', 'self.scaling.standby.gateways'];
const FIELD = 'scaling.schedules';

/** All schedules are good in this way; the first that isn't, in `fault` as "wrong" with CEL in braces. */
function eachSchedule(good: string, fault: string): CelRule {
  const first = `self.${FIELD}.filter(s, !(${good}))[0]`;
  return celRule(FIELD, `self.${FIELD}.all(s, ${good})`, fault.replaceAll('wrong.', `${first}.`));
}

const first = (schedules: readonly ScheduleSpec[], isWrong: (schedule: ScheduleSpec) => boolean): ScheduleSpec | null =>
  schedules.find(isWrong) ?? null;

export const SCHEDULE_RULES: readonly Rule[] = [
  {
    fields: [FIELD, 'scaling.maxReplicas'],
    check: ({ scaling: { schedules, maxReplicas: most } }) => {
      const wrong = first(schedules, ({ minReplicas, maxReplicas }) => maxReplicas === null && (minReplicas ?? 0) > most);
      if (wrong === null) return null;
      return `schedule "${wrong.name}" has minReplicas ${wrong.minReplicas}, above spec.scaling.maxReplicas ${most}; give it a maxReplicas of at least ${wrong.minReplicas}, or lower it to ${most}`;
    },
    cel: eachSchedule(
      `has(s.maxReplicas) || !has(s.minReplicas) || s.minReplicas <= ${MAX}`,
      `schedule "{wrong.name}" has minReplicas {wrong.minReplicas}, above spec.scaling.maxReplicas {${MAX}}; give it a maxReplicas of at least {wrong.minReplicas}, or lower it to {${MAX}}`,
    ),
  },
  {
    fields: [FIELD, 'scaling.minReplicas'],
    check: ({ scaling: { schedules, minReplicas: least } }) => {
      const wrong = first(schedules, ({ minReplicas, maxReplicas }) => minReplicas === null && maxReplicas !== null && maxReplicas < least);
      if (wrong === null) return null;
      return `schedule "${wrong.name}" has maxReplicas ${wrong.maxReplicas}, below spec.scaling.minReplicas ${least}; give it a minReplicas of at most ${wrong.maxReplicas}, or raise it to ${least}`;
    },
    cel: eachSchedule(
      `has(s.minReplicas) || !has(s.maxReplicas) || s.maxReplicas >= ${MIN}`,
      `schedule "{wrong.name}" has maxReplicas {wrong.maxReplicas}, below spec.scaling.minReplicas {${MIN}}; give it a minReplicas of at most {wrong.maxReplicas}, or raise it to {${MIN}}`,
    ),
  },
  {
    fields: [FIELD, 'scaling.standby.gateways'],
    check: ({ scaling: { schedules, standby } }) => {
      const wrong = first(schedules, ({ maxReplicas }) => maxReplicas !== null && maxReplicas <= standby.gateways);
      if (wrong === null) return null;
      return `schedule "${wrong.name}" has maxReplicas ${wrong.maxReplicas}, of which spec.scaling.standby.gateways ${standby.gateways} leave none for the load; raise it to at least ${standby.gateways + 1}`;
    },
    cel: eachSchedule(
      `!has(s.maxReplicas) || s.maxReplicas > ${SPARE}`,
      `schedule "{wrong.name}" has maxReplicas {wrong.maxReplicas}, of which spec.scaling.standby.gateways {${SPARE}} leave none for the load; raise it to at least {${SPARE} + 1}`,
    ),
  },
];
