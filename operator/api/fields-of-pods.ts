import { z } from 'zod';
import { type CelRule, formatted, matches, quoted } from './cel.ts';
import { group, type Input, kubernetes, shown, text, textMeta } from './fields.ts';
import { GROUP } from './names.ts';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
export const SECRET_NAME = {
  pattern: SUBDOMAIN,
  max: 253,
  remedy: 'write the name of a Secret: small letters, digits, dashes and dots, such as "redis"',
};
const SECRET_KEY = {
  pattern: /^\.?[-_a-zA-Z0-9][-._a-zA-Z0-9]*$/,
  max: 253,
  remedy: 'write a key of the Secret: letters, digits and the characters "-_.", such as "password"',
};

/** A key of a Secret in the same namespace; it may be left out. */
export function secretKey(description: string) {
  return group(description, {
    name: text(SECRET_NAME).describe('The name of the Secret, in the same namespace.').meta(textMeta(SECRET_NAME)),
    key: text(SECRET_KEY).describe('The key in it.').meta(textMeta(SECRET_KEY)),
  }).optional();
}

const KEY = /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const KEY_REMEDY = 'write letters, digits, dashes and dots, behind a domain and a slash if you like, such as "example.com/team"';
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const VALUE_REMEDY = 'write at most 63 letters, digits, dashes and dots';
const OWN = `${GROUP}/`;
const OWN_REMEDY = `belongs to the operator, as all that begins with "${OWN}" does; leave it out`;
const MOST_KEYS = 64;

/** Labels or annotations. The operator's own are refused. */
export function texts(what: 'label' | 'annotation', description: string) {
  const text = z.string({ error: ({ input }) => `${shown(input)} is not text; put it in quotes` });
  const error = ({ input }: Input) => `${shown(input)} is no value of a label; ${VALUE_REMEDY}`;
  const value =
    what === 'annotation'
      ? text
      : text
          .max(63, { error })
          .regex(LABEL_VALUE, { error })
          .meta(kubernetes({ cel: [VALUE_RULE] }));
  return z
    .record(z.string(), value, { error: noGroup })
    .superRefine((given, context) => {
      const keys = Object.keys(given);
      if (keys.length > MOST_KEYS) context.addIssue({ code: 'custom', message: `has ${keys.length} ${what}s; keep at most ${MOST_KEYS}` });
      for (const key of keys) {
        if (!KEY.test(key)) context.addIssue({ code: 'custom', path: [key], message: `is no key of a ${what}; ${KEY_REMEDY}` });
        else if (key.startsWith(OWN)) context.addIssue({ code: 'custom', path: [key], message: OWN_REMEDY });
      }
    })
    .describe(description)
    .meta({
      maxProperties: MOST_KEYS,
      ...kubernetes({
        cel: [
          keyRule(matches('key', KEY), `is no key of a ${what}; ${KEY_REMEDY}`),
          keyRule(`!key.startsWith(${quoted(OWN)})`, OWN_REMEDY),
        ],
      }),
    });
}

const VALUE_RULE: CelRule = { rule: matches('self', LABEL_VALUE), message: `is no value of a label; ${VALUE_REMEDY}` };

function keyRule(good: string, message: string): CelRule {
  const bad = `self.filter(key, !(${good}))[0]`;
  return { rule: `self.all(key, ${good})`, message, messageExpression: formatted(`"%s" ${message}`, [bad]) };
}

const noGroup = ({ input }: Input) => `${shown(input)} is not a group of fields; write them indented below`;
/** Has fields that are not looked at here. */
const OPEN = kubernetes({ marks: { 'x-kubernetes-preserve-unknown-fields': true } });
const MOST_CONTAINERS = 32;

/** Containers of which only the name is looked at, by which they are merged. */
function containers(description: string) {
  const name = z
    .string({
      error: ({ input }) => `${input === undefined ? 'is missing' : `${shown(input)} is not text`}; name the container, such as "gateway"`,
    })
    .max(63, { error: ({ input }) => `${shown(input)} is too long; shorten it to 63 characters` })
    .describe('The container that this is merged into, or a new one. The gateway runs in "gateway".');
  const image = z
    .string({ error: ({ input }) => `${shown(input)} is not text; put it in quotes` })
    .optional()
    .describe('Its image.');
  return z
    .array(z.looseObject({ name, image }, { error: noGroup }).describe('A container.').meta(OPEN), {
      error: ({ input }) => `${shown(input)} is not a list; begin each container with a dash`,
    })
    .max(MOST_CONTAINERS, { error: `has more than ${MOST_CONTAINERS} containers; keep at most so many` })
    .superRefine((given, context) => {
      const twice = given.find(({ name }, i) => given.findIndex((other) => other.name === name) !== i);
      if (twice !== undefined) context.addIssue({ code: 'custom', message: `has "${twice.name}" twice; keep one container of a name` });
    })
    .optional()
    .describe(description)
    .meta(kubernetes({ marks: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] } }));
}

/** Any part of a PodTemplateSpec. Only what the operator depends on is checked here, the rest by the API server when it creates Pods. */
export function podTemplate(description: string) {
  const grace = ({ input }: Input) => `${shown(input)} is not a whole number of seconds; write one, such as 320, or leave it out`;
  const restart = ({ input }: Input) =>
    `${shown(input)} would leave a gateway that ended where it lies; write Always, or leave it out: it is that then`;
  const spec = z.looseObject(
    {
      containers: containers('Containers, merged by name into those of the operator.'),
      initContainers: containers('Containers that run before the others.'),
      restartPolicy: z
        .enum(['Always'], { error: restart })
        .optional()
        .describe('Always, since gateways that end are started again in their place.'),
      terminationGracePeriodSeconds: z
        .int({ error: grace })
        .min(1, { error: grace })
        .max(1_000_000, { error: grace })
        .optional()
        .describe('Left out: spec.drain.timeout and 20 seconds. Never less.'),
    },
    { error: noGroup },
  );
  return z
    .strictObject(
      {
        metadata: z
          .strictObject(
            {
              labels: texts('label', 'Labels of each Pod.').optional(),
              annotations: texts('annotation', 'Annotations of each Pod.').optional(),
            },
            { error: noGroup },
          )
          .optional()
          .describe('Labels and annotations of each Pod.'),
        spec: spec.optional().describe('Any part of a PodSpec.').meta(OPEN),
      },
      { error: noGroup },
    )
    .prefault({})
    .describe(description);
}
