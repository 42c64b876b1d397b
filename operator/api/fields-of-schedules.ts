import { z } from 'zod';
import { readCron } from '../scaling/schedules/cron.ts';
import { CRON_PATTERN, MAX_CRON_LENGTH } from '../scaling/schedules/cron-fields.ts';
import { overlapOf } from '../scaling/schedules/overlap.ts';
import { isZone, MAX_ZONE_LENGTH, ZONE_PATTERN, zoneNames } from '../scaling/schedules/zone.ts';
import { type CelRule, matches, said } from './cel.ts';
import { formatDuration, parseDuration } from './duration.ts';
import { durationGiven, group, type Input, kubernetes, shown, text, textMeta } from './fields.ts';
import { nearest } from './nearest.ts';

const MOST_SCHEDULES = 20;

const NAME = {
  pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
  max: 63,
  remedy: 'write small letters, digits and dashes, such as "office"',
};

const missing = (remedy: string, wrong: (input: string) => string) => ({
  error: ({ input }: Input) => {
    if (input === undefined) return `is missing; ${remedy}`;
    return typeof input === 'string' ? `${shown(input)} ${wrong(input)}` : `${shown(input)} is not text; ${remedy}`;
  },
});

const CRON_REMEDY = 'write minute, hour, day of the month, month and day of the week, such as "0 9 * * 1-5"';
const cronProblem = (given: string): string | null => {
  const read = readCron(given);
  return read.kind === 'ok' ? null : read.problem;
};
const cronError = missing(CRON_REMEDY, (given) => cronProblem(given) ?? `is not right here; ${CRON_REMEDY}`);
const CRON_RULE: CelRule = {
  rule: matches('self', CRON_PATTERN),
  message: `is no cron of five fields; ${CRON_REMEDY}, with "*", numbers, names, ranges, steps and lists`,
};

const ZONE_REMEDY = 'write the IANA name of one, such as "Europe/Berlin"';
const zoneError = missing(ZONE_REMEDY, zoneProblem);
const ZONE_RULE: CelRule = { rule: matches('self', ZONE_PATTERN), message: `is not the name of a time zone; ${ZONE_REMEDY}` };
/** Fails with Go's own message, "unknown time zone", when there is none of that name. */
const ZONE_KNOWN_RULE: CelRule = {
  rule: `!${matches('self', ZONE_PATTERN)} || timestamp("2026-01-01T00:00:00Z").getHours(self) >= 0`,
  message: `is not a time zone that is known; ${ZONE_REMEDY}`,
};

/** The present names of zones that the list of those that are known has under older ones. */
const RENAMED = ['Asia/Kolkata', 'Asia/Kathmandu', 'Asia/Yangon', 'Asia/Ho_Chi_Minh', 'Europe/Kyiv', 'Etc/UTC'];

function zoneProblem(given: string): string {
  if (/^(UTC|GMT)?[+-]\d/.test(given))
    return 'is an offset, which knows no daylight saving; write the IANA name of a time zone, such as "Europe/Berlin"';
  const names = [...zoneNames(), ...RENAMED];
  const near = names.find((name) => name.toLowerCase().endsWith(`/${given.toLowerCase()}`)) ?? nearest(given, names);
  return `is not a time zone that is known; ${near === null ? ZONE_REMEDY : `did you mean "${near}"?`}`;
}

function replicas(field: string, description: string) {
  const error = ({ input }: Input) =>
    `${shown(input)} is not a whole number from 1 to 10000; write one, or leave it out: spec.scaling.${field} is not changed then`;
  return z.int({ error }).min(1, { error }).max(10_000, { error }).optional().describe(description);
}

const NO_LIMIT = 'has neither minReplicas nor maxReplicas, so it would change nothing; write one of them';
const CROSSED_REMEDY = 'lower minReplicas or raise maxReplicas';

const schedule = group('A time in which other limits hold.', {
  name: text(NAME).describe('Its name, which reasons tell. No two have the same.').meta(textMeta(NAME)),
  schedule: z
    .string(cronError)
    .max(MAX_CRON_LENGTH, cronError)
    .refine((given) => cronProblem(given) === null, cronError)
    .describe(
      'When it begins, as a cron of five fields: minute, hour, day of the month, month, day of the week. With "*", numbers, names (MON, JAN), ranges, steps and lists.',
    )
    .meta(kubernetes({ cel: [CRON_RULE] })),
  timeZone: z
    .string(zoneError)
    .max(MAX_ZONE_LENGTH, zoneError)
    .refine(isZone, zoneError)
    .describe('The IANA name of the time zone that the cron and the duration are meant in, such as "Europe/Berlin".')
    .meta(kubernetes({ cel: [ZONE_RULE, ZONE_KNOWN_RULE] })),
  duration: durationGiven({
    min: '1m',
    max: '744h',
    default: '9h',
    description: 'How long it lasts on the clock of that zone: 9h from 9:00 are over at 18:00, also when clocks are changed in between.',
  }),
  minReplicas: replicas('minReplicas', 'Never fewer gateways than this meanwhile, in place of spec.scaling.minReplicas.'),
  maxReplicas: replicas('maxReplicas', 'Never more gateways than this meanwhile, in place of spec.scaling.maxReplicas.'),
})
  .superRefine((given, context) => {
    const { minReplicas: min, maxReplicas: max } = given;
    if (min === undefined && max === undefined) context.addIssue({ code: 'custom', message: NO_LIMIT });
    if (min !== undefined && max !== undefined && min > max) {
      const message = `${min} is above the schedule's own maxReplicas ${max}; ${CROSSED_REMEDY}`;
      context.addIssue({ code: 'custom', path: ['minReplicas'], message });
    }
    const overlap = overlapProblem(given.schedule, given.duration);
    if (overlap !== null) context.addIssue({ code: 'custom', path: ['duration'], message: overlap });
  })
  .meta(
    kubernetes({
      cel: [
        { rule: 'has(self.minReplicas) || has(self.maxReplicas)', message: NO_LIMIT },
        {
          rule: '!has(self.minReplicas) || !has(self.maxReplicas) || self.minReplicas <= self.maxReplicas',
          message: `is above the schedule's own maxReplicas; ${CROSSED_REMEDY}`,
          messageExpression: said(`{self.minReplicas} is above the schedule's own maxReplicas {self.maxReplicas}; ${CROSSED_REMEDY}`),
          fieldPath: '.minReplicas',
        },
      ],
    }),
  );

function overlapProblem(cron: string, lasts: string): string | null {
  const [read, durationMs] = [readCron(cron), parseDuration(lasts)];
  if (read.kind === 'wrong' || durationMs === null) return null;
  const least = overlapOf(read.cron, durationMs);
  if (least === null) return null;
  const most = formatDuration(least);
  return `"${lasts}" is longer than the ${most} from one start of "${cron}" to the next, so it would run into itself; shorten it to at most "${most}", or let it begin less often`;
}

/** Schedules, each with a name of its own. */
export const schedules = z
  .array(schedule, { error: ({ input }) => `${shown(input)} is not a list; begin each schedule with a dash` })
  .max(MOST_SCHEDULES, { error: `has more than ${MOST_SCHEDULES} schedules; keep at most so many` })
  .superRefine((given, context) => {
    given.forEach(({ name }, i) => {
      const first = given.findIndex((other) => other.name === name);
      if (first < i)
        context.addIssue({
          code: 'custom',
          path: [i, 'name'],
          message: `"${name}" is the name of another schedule already; give this one another`,
        });
    });
  })
  .default([])
  .describe(
    'Times in which other limits hold, such as office hours. Of several at the same time the largest minReplicas and the largest maxReplicas count. A minimum counts a little earlier than it is due, so that gateways are ready then.',
  )
  .meta(kubernetes({ marks: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] } }));
