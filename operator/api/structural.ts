import { z } from 'zod';
import type { CelRule } from './cel.ts';
import type { KubernetesMeta } from './fields.ts';

/** A structural schema, as a CustomResourceDefinition has it. */
export interface StructuralSchema {
  type?: string;
  format?: string;
  description?: string;
  default?: unknown;
  enum?: readonly unknown[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  maxItems?: number;
  maxProperties?: number;
  anyOf?: readonly { readonly type: string }[];
  required?: readonly string[];
  properties?: Record<string, StructuralSchema>;
  additionalProperties?: StructuralSchema;
  items?: StructuralSchema;
  'x-kubernetes-validations'?: readonly CelRule[];
  [mark: `x-kubernetes-${string}`]: unknown;
}

/** What zod's JSON Schema has of a field, and the marks that `meta` puts there. */
interface Written {
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Written>>;
  readonly additionalProperties?: Written | boolean;
  readonly items?: Written;
  readonly kubernetes?: KubernetesMeta;
}

const COPIED = ['type', 'default', 'enum', 'minLength', 'maxLength', 'maxItems', 'maxProperties', 'required'] as const;

/** The structural schema of what people write. `pattern`s are left out: rules in CEL stand for them, since they can say the remedy. */
export function structuralSchema(schema: z.ZodType): StructuralSchema {
  return structural(z.toJSONSchema(schema, { io: 'input' }) as Written);
}

function structural(written: Written): StructuralSchema {
  const { cel = [], marks = {} } = written.kubernetes ?? {};
  const schema: StructuralSchema = {};
  for (const key of COPIED) if (written[key] !== undefined) Object.assign(schema, { [key]: written[key] });
  if (written.description !== undefined) schema.description = [written.description, ...limits(written)].join(' ');
  if (written.format === 'date-time') schema.format = 'date-time';
  if (written.type === 'integer' || written.type === 'number') Object.assign(schema, numeric(written));
  if (marks['x-kubernetes-int-or-string'] === true) schema.anyOf = [{ type: 'integer' }, { type: 'string' }];
  if (written.properties !== undefined) schema.properties = mapValues(written.properties, structural);
  else if (typeof written.additionalProperties === 'object') schema.additionalProperties = structural(written.additionalProperties);
  if (written.items !== undefined) schema.items = structural(written.items);
  Object.assign(schema, marks);
  if (cel.length > 0) schema['x-kubernetes-validations'] = cel;
  return schema;
}

/** What `kubectl explain` doesn't show of a field by itself. */
function limits({ type, minimum, maximum, default: preset }: Written): string[] {
  const range = type === 'integer' && isSet(minimum) && isSet(maximum) ? `From ${minimum} to ${maximum}` : '';
  const byDefault = typeof preset === 'object' || preset === undefined ? '' : `${preset} by default`;
  const said = [range, byDefault].filter((part) => part !== '').join('; ');
  return said === '' ? [] : [`${said}.`];
}

function numeric({ type, minimum, maximum }: Written): StructuralSchema {
  const narrow = isSet(maximum) && maximum < 2 ** 31;
  return {
    ...(type === 'integer' && { format: narrow ? 'int32' : 'int64' }),
    ...(isSet(minimum) && { minimum }),
    ...(isSet(maximum) && { maximum }),
  };
}

/** Zod bounds whole numbers by what JavaScript can hold, which is no limit that somebody set. */
function isSet(limit: number | undefined): limit is number {
  return limit !== undefined && Math.abs(limit) !== Number.MAX_SAFE_INTEGER;
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
