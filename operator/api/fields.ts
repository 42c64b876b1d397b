import { z } from 'zod';
import { readRedisUrl, showUrl } from '../../protocol/redis-url.ts';
import { DURATION_PATTERN, formatDuration, parseDuration } from './duration.ts';

/** How a wrong value is told: what it is, in the words of YAML. */
export function shown(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

type Input = { readonly input?: unknown };

/** A whole number from `min` to `max`. */
export function count(options: { readonly min: number; readonly max: number; readonly default: number; readonly description: string }) {
  const error = ({ input }: Input) =>
    `${shown(input)} is not a whole number from ${options.min} to ${options.max}; write one, such as ${options.default}`;
  return z.int({ error }).min(options.min, { error }).max(options.max, { error }).default(options.default).describe(options.description);
}

/** A whole number of percent from `min` to `max`. */
export function percent(options: { readonly min: number; readonly max: number; readonly default: number; readonly description: string }) {
  const error = ({ input }: Input) =>
    `${shown(input)} is not a whole percentage from ${options.min} to ${options.max}; write ${percentRemedy(input, options.default)}`;
  return z.int({ error }).min(options.min, { error }).max(options.max, { error }).default(options.default).describe(options.description);
}

/** People who know HPA write a fraction, others a percent sign. */
function percentRemedy(input: unknown, example: number): string {
  if (typeof input === 'number' && input > 0 && input < 1) return `${Math.round(input * 100)} for ${Math.round(input * 100)} %`;
  if (typeof input === 'string' && /^\d+ *%$/.test(input)) return `${Number.parseInt(input, 10)} without the sign`;
  return `one, such as ${example}`;
}

/** A duration such as "1m30s", from `min` to `max`. */
export function duration(options: { readonly min: string; readonly max: string; readonly default: string; readonly description: string }) {
  const [min, max] = [parseDuration(options.min) ?? 0, parseDuration(options.max) ?? Number.POSITIVE_INFINITY];
  const error = ({ input }: Input) =>
    `${shown(input)} is not a duration from ${options.min} to ${options.max}; write ${durationRemedy(input, options.default)}`;
  const inRange = (text: string) => {
    const ms = parseDuration(text);
    return ms !== null && ms >= min && ms <= max;
  };
  return z
    .string({ error })
    .regex(DURATION_PATTERN, { error })
    .refine(inRange, { error })
    .default(options.default)
    .describe(`${options.description} From ${options.min} to ${options.max}.`);
}

function durationRemedy(input: unknown, example: string): string {
  const number = typeof input === 'number' ? input : typeof input === 'string' && /^\d+$/.test(input) ? Number(input) : null;
  if (number !== null && number > 0) return `it with its unit, such as "${formatDuration(number * 1_000)}" for ${number} seconds`;
  return `one, such as "${example}"`;
}

/** A whole number of 0 or more, or a percentage in quotes: Kubernetes' IntOrString. */
export function countOrPercent(options: { readonly max: number; readonly default: number; readonly description: string }) {
  const error = ({ input }: Input) =>
    `${shown(input)} is neither a whole number from 0 to ${options.max} nor a percentage; write one, such as 100 or "20%"`;
  return z
    .union([z.int({ error }).min(0, { error }).max(options.max, { error }), z.string({ error }).regex(/^(100|[0-9]{1,2})%$/, { error })], {
      error,
    })
    .default(options.default)
    .describe(options.description);
}

/** One word of a few. */
export function choice<const T extends string>(options: {
  readonly of: readonly [T, ...T[]];
  readonly default: T;
  readonly description: string;
}) {
  const error = ({ input }: Input) => `${shown(input)} is not known; write one of ${options.of.join(', ')}`;
  return z.enum(options.of, { error }).default(options.default).describe(options.description);
}

/** A word that has this pattern; it may be left out. */
export function word(options: { readonly pattern: RegExp; readonly remedy: string; readonly description: string }) {
  const error = ({ input }: Input) => `${shown(input)} is not right here; ${options.remedy}`;
  return z.string({ error }).regex(options.pattern, { error }).optional().describe(options.description);
}

/** The URL of a Redis, without a password; it may be left out. */
export function redisUrl(description: string) {
  const error = ({ input }: Input) => {
    if (typeof input !== 'string') return `${shown(input)} is not a URL; write one, such as "redis://redis:6379"`;
    const url = shown(showUrl(input));
    const read = readRedisUrl(input);
    if (read.kind === 'wrong') return `${url} ${read.problems.join(', and ')}`;
    return `${url} has a password, which is for no file; take it out, and give it to \`up\` in CHATCLUSTER_REDIS_PASSWORD`;
  };
  const isRight = (text: string) => {
    const read = readRedisUrl(text);
    return read.kind === 'url' && read.url.password === undefined;
  };
  return z
    .string({ error })
    .regex(/^rediss?(\+sentinel|\+cluster)?:\/\//, { error })
    .refine(isRight, { error })
    .optional()
    .describe(description);
}

/** true or false. */
export function flag(options: { readonly default: boolean; readonly description: string }) {
  const error = ({ input }: Input) => `${shown(input)} is not a yes or no; write true or false, without quotes`;
  return z.boolean({ error }).default(options.default).describe(options.description);
}

/** A group of fields, which may be left out as a whole; a field that it doesn't have is an error. */
export function group<T extends z.ZodRawShape>(description: string, shape: T) {
  const error = ({ input, code }: Input & { readonly code?: string }) =>
    code === 'unrecognized_keys' ? undefined : `${shown(input)} is not a group of fields; write them indented below`;
  return z.strictObject(shape, { error }).describe(description);
}

/** A key of a Secret in the same namespace; it may be left out. */
export function secretKey(description: string) {
  const part = (example: string, what: string) => {
    const error = ({ input }: Input) =>
      `${input === undefined ? 'is missing' : `${shown(input)} is not right here`}; write ${what}, such as "${example}"`;
    return z
      .string({ error })
      .regex(/^[-._a-zA-Z0-9]{1,253}$/, { error })
      .describe(`${what[0]?.toUpperCase()}${what.slice(1)}.`);
  };
  return group(description, { name: part('redis', 'the name of the Secret'), key: part('password', 'the key in it') }).optional();
}

/** Keys with text, such as annotations. */
export function texts(description: string) {
  const error = ({ input }: Input) => `${shown(input)} is not text; put it in quotes`;
  return z
    .record(z.string(), z.string({ error }), {
      error: ({ input }) => `${shown(input)} is not a group of fields; write them indented below`,
    })
    .default({})
    .describe(description);
}

/** Any part of a PodTemplateSpec: only its outermost form is checked here, the rest by the API server. */
export function freeForm(description: string) {
  const error = ({ input }: Input) => `${shown(input)} is not a group of fields; write them indented below`;
  return z
    .strictObject(
      {
        metadata: z
          .strictObject({ labels: texts('Labels.').optional(), annotations: texts('Annotations.').optional() })
          .optional()
          .describe('Labels and annotations of each Pod.'),
        spec: z.looseObject({}, { error }).optional().describe('Any part of a PodSpec.'),
      },
      { error },
    )
    .prefault({})
    .describe(description);
}
