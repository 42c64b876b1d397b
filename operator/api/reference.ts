import { z } from 'zod';
import { DURATION_PATTERN } from './duration.ts';
import { specSchema } from './resource.ts';

/** The part of JSON Schema that the resource uses. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
}

/** The JSON Schema of `spec` as people write it. */
export function specJsonSchema(): JsonSchema {
  return z.toJSONSchema(specSchema, { io: 'input' }) as JsonSchema;
}

/** Every field of `spec` as Markdown: a heading and a table for what stands right below it, and for each group. `docs/chatcluster.md` has it, and a test keeps it so. */
export function referenceMarkdown(): string {
  const fields = Object.entries(specJsonSchema().properties ?? {});
  const direct = Object.fromEntries(fields.filter(([, field]) => field.properties === undefined));
  const groups = fields.filter(([, field]) => field.properties !== undefined);
  const own = groupMarkdown('spec', { description: 'What the cluster should be.', properties: direct }, []);
  return [own, ...groups.map(([name, group]) => groupMarkdown(`spec.${name}`, group, groups))].join('\n\n');
}

type Groups = readonly (readonly [name: string, group: JsonSchema])[];

/** `others`: what stands in it as in one of them isn't repeated. */
function groupMarkdown(name: string, group: JsonSchema, others: Groups): string {
  const twin = ({ properties }: JsonSchema) =>
    properties === undefined ? undefined : others.find(([, other]) => JSON.stringify(other.properties) === JSON.stringify(properties))?.[0];
  const rows = fieldsOf('', group, (field) => twin(field) !== undefined).map(([path, field]) => {
    const like = twin(field);
    const preset = field.default === undefined || like !== undefined ? '–' : `\`${JSON.stringify(field.default)}\``;
    const kind = like === undefined ? kindOf(field) : `as [spec.${like}](#spec${like.toLowerCase()})`;
    const cells = [`\`${path}\``, kind, preset, field.description ?? ''];
    return `| ${cells.join(' | ')} |`;
  });
  return [`### ${name}`, '', group.description ?? '', '', '| field | value | default | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

/** The fields in a group, in its groups and in the items of its lists. What is passed on to Kubernetes as it is counts as one field, and what is `told` elsewhere. */
function fieldsOf(prefix: string, schema: JsonSchema, told: (field: JsonSchema) => boolean): [string, JsonSchema][] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, field]): [string, JsonSchema][] => {
    if (field.items !== undefined) return [[prefix + key, field], ...fieldsOf(`${prefix}${key}[].`, field.items, told)];
    if (field.properties === undefined || isOpen(field) || isSecretKey(field) || told(field)) return [[prefix + key, field]];
    return fieldsOf(`${prefix}${key}.`, field, told);
  });
}

function kindOf(field: JsonSchema): string {
  if (field.enum !== undefined) return field.enum.join(', ');
  if (field.anyOf !== undefined) return field.anyOf.some(({ pattern }) => pattern?.includes('%')) ? 'number or percentage' : 'quantity';
  if (isSecretKey(field)) return '{name, key} of a Secret';
  if (isOpen(field)) return 'fields of a PodSpec';
  if (field.items !== undefined) return 'list';
  if (field.type === 'object') return 'texts by key';
  if (field.type === 'integer') return `${field.minimum} – ${field.maximum}`;
  if (field.type === 'boolean') return 'true, false';
  return field.pattern === DURATION_PATTERN.source ? 'duration' : 'text';
}

/** May have other fields than those that it names. */
function isOpen(field: JsonSchema): boolean {
  return field.properties !== undefined && typeof field.additionalProperties === 'object';
}

function isSecretKey(field: JsonSchema): boolean {
  return Object.keys(field.properties ?? {}).join() === 'name,key';
}
