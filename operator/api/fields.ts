import { z } from 'zod';
import { REDIS_URL_FORMS, readRedisUrl, showUrl } from '../../protocol/redis-url.ts';
import { type CelRule, matches, quoted } from './cel.ts';
import { DURATION_PATTERN, formatDuration, MAX_DURATION_LENGTH, parseDuration } from './duration.ts';
import { MAX_URL_LENGTH, REDIS_URL_PATTERN } from './redis-url-pattern.ts';

/** What of a field stands in the CRD only: rules (which say the remedy, as a pattern can't), and Kubernetes' own marks. Given by `meta`. */
export interface KubernetesMeta {
  readonly cel?: readonly CelRule[];
  readonly marks?: Readonly<Record<`x-kubernetes-${string}`, unknown>>;
}

/** The marks of a field for the CRD, for `meta`. */
export function kubernetes(meta: KubernetesMeta): { readonly kubernetes: KubernetesMeta } {
  return { kubernetes: meta };
}

/** How a wrong value is told: what it is, in the words of YAML. */
export function shown(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

export type Input = { readonly input?: unknown };

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

interface DurationOptions {
  readonly min: string;
  readonly max: string;
  readonly default: string;
  readonly description: string;
}

/** A duration such as "1m30s", from `min` to `max`. */
export function duration(options: DurationOptions) {
  return durationText(options).default(options.default).describe(durationDescription(options)).meta(durationMeta(options));
}

/** The same, which must be written: `default` is only an example. */
export function durationGiven(options: DurationOptions) {
  return durationText(options).describe(durationDescription(options)).meta(durationMeta(options));
}

function durationText(options: DurationOptions) {
  const [min, max] = [parseDuration(options.min) ?? 0, parseDuration(options.max) ?? Number.POSITIVE_INFINITY];
  const wrong = (input: unknown) =>
    input === undefined ? 'is missing' : `${shown(input)} is not a duration from ${options.min} to ${options.max}`;
  const error = ({ input }: Input) => `${wrong(input)}; write ${durationRemedy(input, options.default)}`;
  const inRange = (text: string) => {
    const ms = parseDuration(text);
    return ms !== null && ms >= min && ms <= max;
  };
  return z.string({ error }).max(MAX_DURATION_LENGTH, { error }).regex(DURATION_PATTERN, { error }).refine(inRange, { error });
}

const durationDescription = ({ description, min, max }: DurationOptions): string => `${description} From ${min} to ${max}.`;

function durationMeta(options: DurationOptions): { readonly kubernetes: KubernetesMeta } {
  const limits = `duration(self) >= duration(${quoted(options.min)}) && duration(self) <= duration(${quoted(options.max)})`;
  const message = `must be a duration from ${options.min} to ${options.max} with its unit; write one, such as "${options.default}"`;
  return kubernetes({ cel: [{ rule: `${matches('self', DURATION_PATTERN)} && ${limits}`, message }] });
}

function durationRemedy(input: unknown, example: string): string {
  const number = typeof input === 'number' ? input : typeof input === 'string' && /^\d+$/.test(input) ? Number(input) : null;
  if (number !== null && number > 0) return `it with its unit, such as "${formatDuration(number * 1_000)}" for ${number} seconds`;
  return `one, such as "${example}"`;
}

const PERCENTAGE = /^(100|[0-9]{1,2})%$/;

/** A whole number of 0 or more, or a percentage in quotes: Kubernetes' IntOrString. */
export function countOrPercent(options: { readonly max: number; readonly default: number; readonly description: string }) {
  const error = ({ input }: Input) =>
    `${shown(input)} is neither a whole number from 0 to ${options.max} nor a percentage; write one, such as 100 or "20%"`;
  return z
    .union([z.int({ error }).min(0, { error }).max(options.max, { error }), z.string({ error }).regex(PERCENTAGE, { error })], { error })
    .default(options.default)
    .describe(options.description)
    .meta({
      maxLength: 10,
      ...kubernetes({
        cel: [
          {
            rule: `type(self) == int ? self >= 0 && self <= ${options.max} : ${matches('self', PERCENTAGE)}`,
            message: `must be a whole number from 0 to ${options.max} or a percentage; write one, such as 100 or "20%"`,
          },
        ],
        marks: { 'x-kubernetes-int-or-string': true },
      }),
    });
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
export function word(options: { readonly pattern: RegExp; readonly max: number; readonly remedy: string; readonly description: string }) {
  return text(options).optional().describe(options.description).meta(textMeta(options));
}

type TextOptions = { readonly pattern: RegExp; readonly max: number; readonly remedy: string };

/** A text that has this pattern. */
export function text({ pattern, max, remedy }: TextOptions) {
  const error = ({ input }: Input) => `${input === undefined ? 'is missing' : `${shown(input)} is not right here`}; ${remedy}`;
  return z.string({ error }).max(max, { error }).regex(pattern, { error });
}

/** What the CRD has of such a text. */
export function textMeta({ pattern, remedy }: TextOptions): { readonly kubernetes: KubernetesMeta } {
  return kubernetes({ cel: [{ rule: matches('self', pattern), message: `is not right here; ${remedy}` }] });
}

/** The URL of a Redis, without a password; it may be left out. The CRD's rule for it stands on the group: `REDIS_URL_RULE`. */
export function redisUrl(description: string) {
  const error = ({ input }: Input) => {
    if (typeof input !== 'string') return `${shown(input)} is not a URL; write one, such as "redis://redis:6379"`;
    const url = shown(showUrl(input));
    const read = readRedisUrl(input);
    if (read.kind === 'wrong') return `${url} ${read.problems.join(', and ')}`;
    if (read.url.password === undefined) return `${url} is written in an unusual way; write ${REDIS_URL_FORMS}`;
    return `${url} has a password, which is for no file; take it out, and give it to \`up\` in CHATCLUSTER_REDIS_PASSWORD, or on Kubernetes in spec.broker.passwordSecret`;
  };
  return z.string({ error }).max(MAX_URL_LENGTH, { error }).regex(REDIS_URL_PATTERN, { error }).optional().describe(description);
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
