import { z } from 'zod';
import { type CelRule, matches, quoted } from './cel.ts';
import { DEFAULTS } from './defaults.ts';
import { choice, count, group, type Input, kubernetes, shown, text, textMeta } from './fields.ts';
import { prometheus } from './fields-of-prometheus.ts';
import { MAX_QUANTITY_LENGTH, parseQuantity, QUANTITY_PATTERN } from './quantity.ts';

const MOST_METRICS = 10;
const MOST_REPLICAS = 10_000;

/** Each kind of metric, and the targets that make sense for it. */
const TARGETS = {
  Connections: ['Utilization', 'AverageValue'],
  AcceptRate: ['Utilization', 'AverageValue'],
  MessageRate: ['AverageValue'],
  EventLoopDelay: ['AverageValue'],
  Cpu: ['Utilization', 'AverageValue'],
  Prometheus: ['AverageValue', 'Value'],
} as const;

type MetricType = keyof typeof TARGETS;
const TYPES = Object.keys(TARGETS) as [MetricType, ...MetricType[]];

/** Each kind of target, and the field that has its number. */
const VALUES = { Utilization: 'averageUtilization', AverageValue: 'averageValue', Value: 'value' } as const;
const TARGET_TYPES = Object.keys(VALUES) as [keyof typeof VALUES, ...(keyof typeof VALUES)[]];

const NAME = {
  pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
  max: 63,
  remedy: 'write small letters, digits and dashes, such as "queue"',
};

/** One word of a few that must be written. */
function oneOf<T extends string>(words: readonly [T, ...T[]]) {
  const error = ({ input }: Input) =>
    `${input === undefined ? 'is missing' : `${shown(input)} is not known`}; write one of ${words.join(', ')}`;
  return z.enum(words, { error });
}

const QUANTITY_REMEDY = 'write one above 0, such as 100, or in quotes "0.5", "500m" or "20k"';

/** A number above 0, in Kubernetes' way of writing quantities. */
function quantity(description: string) {
  const error = ({ input }: Input) => `${shown(input)} is not a quantity; ${QUANTITY_REMEDY}`;
  const good = `type(self) == int ? self > 0 : ${matches('self', QUANTITY_PATTERN)} && self.matches("[1-9]")`;
  return z
    .union([z.int({ error }), z.string({ error })], { error })
    .refine((written) => (parseQuantity(written) ?? 0) > 0, { error })
    .optional()
    .describe(description)
    .meta({
      maxLength: MAX_QUANTITY_LENGTH,
      ...kubernetes({
        cel: [{ rule: good, message: `is not a quantity; ${QUANTITY_REMEDY}` }],
        marks: { 'x-kubernetes-int-or-string': true },
      }),
    });
}

const noUtilization = ({ input }: Input) =>
  `${shown(input)} is not a whole percentage from 1 to 100; write one without the sign, such as 70`;

const wrongValue = (type: keyof typeof VALUES) => `has type ${type}, so write ${VALUES[type]} and no other number`;
const VALUE_RULES: readonly CelRule[] = TARGET_TYPES.map((type) => ({
  rule: `self.type != "${type}" || ${TARGET_TYPES.map((other) => `${other === type ? '' : '!'}has(self.${VALUES[other]})`).join(' && ')}`,
  message: wrongValue(type),
}));

const target = group('What the metric should be.', {
  type: oneOf(TARGET_TYPES).describe(
    'Utilization: percent of what a gateway can do. AverageValue: so much for each gateway. Value: so much in all, however many gateways there are.',
  ),
  averageUtilization: z
    .int({ error: noUtilization })
    .min(1, { error: noUtilization })
    .max(100, { error: noUtilization })
    .optional()
    .describe(
      'With type Utilization: percent, for Connections of connectionsPerGateway, for AcceptRate of acceptRatePerSecond, for Cpu of one core.',
    ),
  averageValue: quantity(
    'With type AverageValue, for each gateway: connections, connections or messages in a second, ms of delay, cores of CPU ("500m" is half a core), or that share of what the query answers.',
  ),
  value: quantity('With type Value: what the query should answer. Gateways are added and removed in proportion to what it does answer.'),
})
  .superRefine((given, context) => {
    const right = TARGET_TYPES.every((type) => (given[VALUES[type]] !== undefined) === (type === given.type));
    if (!right) context.addIssue({ code: 'custom', message: wrongValue(given.type) });
  })
  .meta(kubernetes({ cel: VALUE_RULES }));

const wrongTarget = (type: MetricType) => `has no meaning for ${type}; write ${TARGETS[type].join(' or ')}`;
const NO_QUERY = 'is missing, and type Prometheus asks one; write serverAddress and query';
const QUERY_TOO_MUCH = 'is for type Prometheus; leave it out, or write type: Prometheus';

const metric = group('A metric, and what it should be.', {
  type: oneOf(TYPES).describe(
    "Connections: that a gateway holds. AcceptRate: new connections of a gateway in a second, without those that are only moved. MessageRate: messages that a gateway takes from clients and writes to them in a second. EventLoopDelay: 99th percentile of the delay of a gateway's event loop, ms. Cpu: of a gateway's process, in cores. Prometheus: what a query answers.",
  ),
  name: text(NAME).optional().describe('Its name, which reasons tell. Left out: its type. No two have the same.').meta(textMeta(NAME)),
  target,
  prometheus: prometheus.optional(),
})
  .superRefine((given, context) => {
    const allowed: readonly string[] = TARGETS[given.type];
    const wrong = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (!allowed.includes(given.target.type)) wrong(['target', 'type'], `${given.target.type} ${wrongTarget(given.type)}`);
    if (given.type === 'Prometheus' && given.prometheus === undefined) wrong(['prometheus'], NO_QUERY);
    if (given.type !== 'Prometheus' && given.prometheus !== undefined) wrong(['prometheus'], QUERY_TOO_MUCH);
  })
  .meta(
    kubernetes({
      cel: [
        ...TYPES.map((type) => ({
          rule: `self.type != "${type}" || self.target.type in [${TARGETS[type].map(quoted).join(', ')}]`,
          message: wrongTarget(type),
          fieldPath: '.target.type',
        })),
        { rule: 'self.type != "Prometheus" || has(self.prometheus)', message: NO_QUERY, reason: 'FieldValueRequired' },
        { rule: 'self.type == "Prometheus" || !has(self.prometheus)', message: QUERY_TOO_MUCH, fieldPath: '.prometheus' },
      ],
    }),
  );

const named = (it: string) => `(has(${it}.name) ? ${it}.name : ${it}.type)`;

/** What counts beside the connections at `targetUtilization`. */
export const metrics = z
  .array(metric, { error: ({ input }) => `${shown(input)} is not a list; begin each metric with a dash` })
  .max(MOST_METRICS, { error: `has more than ${MOST_METRICS} metrics; keep the ones that count` })
  .superRefine((given, context) => {
    given.forEach(({ name, type }, i) => {
      const first = given.findIndex((other) => (other.name ?? other.type) === (name ?? type));
      if (first === i) return;
      context.addIssue({
        code: 'custom',
        path: [i, 'name'],
        message: `"${name ?? type}" is another metric's already; give this one a name of its own`,
      });
    });
  })
  .default([])
  .describe(
    'What counts beside the connections at targetUtilization, which always do: a gateway takes no more than connectionsPerGateway. Each says how many gateways it needs, as in a HorizontalPodAutoscaler; the largest number wins. One that is missing takes no gateway away and keeps none from being added.',
  )
  .meta(
    kubernetes({
      cel: [
        {
          rule: `self.all(a, self.exists_one(b, ${named('a')} == ${named('b')}))`,
          message: 'has two metrics of the same name; give each a name of its own',
        },
      ],
      marks: { 'x-kubernetes-list-type': 'atomic' },
    }),
  );

const noReplicas = ({ input }: Input) => `${shown(input)} is not a whole number from 1 to ${MOST_REPLICAS}; write one, such as 5`;
const REPLICAS_MISSING = 'is missing, and type Replicas needs it; write the number of gateways';
const REPLICAS_TOO_MUCH = 'is for type Replicas; leave it out, or write type: Replicas';

/** What a metric counts as when it has been missing for long. */
export const fallback = group('How many gateways a metric asks for that has been missing for long.', {
  type: choice({
    of: ['Hold', 'Replicas', 'ScheduleMinimum'],
    default: DEFAULTS.scaling.fallback.type,
    description:
      'Hold: as many as there are. Replicas: the number in replicas. ScheduleMinimum: minReplicas, or that of the schedules that are active. The last two may remove gateways, if nothing else needs them.',
  }),
  replicas: z
    .int({ error: noReplicas })
    .min(1, { error: noReplicas })
    .max(MOST_REPLICAS, { error: noReplicas })
    .optional()
    .describe('With type Replicas: so many.'),
  afterSeconds: count({
    min: 0,
    max: 86_400,
    default: DEFAULTS.scaling.fallback.afterSeconds,
    description: 'Seconds since its last good value. Until then that value still adds gateways, and none is removed.',
  }),
})
  .superRefine((given, context) => {
    const wrong = (message: string) => context.addIssue({ code: 'custom', path: ['replicas'], message });
    if (given.type === 'Replicas' && given.replicas === undefined) wrong(REPLICAS_MISSING);
    if (given.type !== 'Replicas' && given.replicas !== undefined) wrong(REPLICAS_TOO_MUCH);
  })
  .meta(
    kubernetes({
      cel: [
        // The API server tries the rules on the group's own default too, which is empty.
        { rule: '!has(self.type) || self.type != "Replicas" || has(self.replicas)', message: REPLICAS_MISSING, fieldPath: '.replicas' },
        { rule: '!has(self.replicas) || self.type == "Replicas"', message: REPLICAS_TOO_MUCH, fieldPath: '.replicas' },
      ],
    }),
  )
  .prefault({});
