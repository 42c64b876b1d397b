import type { z } from 'zod';
import { contradictions } from './contradictions.ts';
import { controlsOf } from './controls.ts';
import { shown } from './fields.ts';
import { resolveSpec } from './resolve.ts';
import { chatClusterSchema, specSchema } from './resource.ts';
import type { Home } from './rules/rule.ts';
import type { ChatCluster } from './spec.ts';
import { remedyForUnknown } from './suggest.ts';
import { readYaml, type Where } from './yaml.ts';

/** One thing that is wrong with a resource. */
export interface FieldError {
  /** Such as "spec.scaling.minReplicas"; "" for the whole. */
  readonly path: string;
  /** The bad value; `undefined` when something is missing. */
  readonly value: unknown;
  /** One line that names the field, the value and the remedy. */
  readonly message: string;
  /** In the YAML text, from 1; `null` for what isn't in one. */
  readonly line: number | null;
  readonly column: number | null;
}

export type Parsed =
  | { readonly kind: 'ok'; readonly cluster: ChatCluster }
  | { readonly kind: 'invalid'; readonly errors: readonly FieldError[] };

/** Reads a ChatCluster from YAML (or JSON) text. All errors at once, in the order of the text; `fileName` goes in front of each message. */
export function parseChatCluster(text: string, fileName?: string, home: Home = 'machine'): Parsed {
  const document = readYaml(text);
  const located = (error: Found, where: Where | null): FieldError => ({
    path: error.path.join('.'),
    value: error.value,
    message: `${place(fileName, where)}${sentence(error)}`,
    line: where?.line ?? null,
    column: where?.column ?? null,
  });
  if (document.kind === 'invalid') {
    return {
      kind: 'invalid',
      errors: document.errors.map(({ message, where }) => located({ path: [], value: undefined, message }, where)),
    };
  }
  const read = readResource(document.value, home);
  if (read.kind === 'ok') return read;
  const errors = read.errors.map((error) => located(error, document.where(error.path)));
  return { kind: 'invalid', errors: errors.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)) };
}

/** Reads a ChatCluster from an object, such as (with `home` "kubernetes") the Kubernetes API answers it. All errors at once. */
export function parseResource(value: unknown, home: Home = 'machine'): Parsed {
  const read = readResource(value, home);
  if (read.kind === 'ok') return read;
  const errors = read.errors.map((error) => ({
    path: error.path.join('.'),
    value: error.value,
    message: sentence(error),
    line: null,
    column: null,
  }));
  return { kind: 'invalid', errors };
}

interface Found {
  readonly path: readonly string[];
  readonly value: unknown;
  /** Without the path. */
  readonly message: string;
}

function readResource(
  value: unknown,
  home: Home,
): { readonly kind: 'ok'; readonly cluster: ChatCluster } | { readonly kind: 'invalid'; readonly errors: Found[] } {
  if (!isObject(value)) {
    return {
      kind: 'invalid',
      errors: [{ path: [], value, message: `${shown(value)} is no ChatCluster; write apiVersion, kind, metadata and spec` }],
    };
  }
  const written = withoutNulls(value);
  const result = chatClusterSchema.safeParse(written);
  const errors = result.success ? [] : foundIn(result.error.issues, written);
  const wrong = errors.map((error) => withoutItems(written, error.path)).filter((path) => path[0] === 'spec');
  const spec = specSchema.safeParse(without(written.spec ?? {}, wrong));
  if (!spec.success) return { kind: 'invalid', errors };
  // A cluster whose name is wrong is none; the rest is checked all the same.
  const name = result.data?.metadata.name ?? '';
  const resolved = resolveSpec(spec.data, name);
  const wrongBelowSpec = wrong.map((path) => path.slice(1).join('.'));
  for (const { path, message } of contradictions(resolved, name, wrongBelowSpec, home)) {
    const keys = path.split('.');
    errors.push({ path: keys, value: valueAt({ spec: spec.data }, keys), message });
  }
  if (errors.length > 0 || !result.success) return { kind: 'invalid', errors };
  return {
    kind: 'ok',
    cluster: { name: result.data.metadata.name, spec: resolved, controls: controlsOf(result.data.metadata) },
  };
}

/** One error for each field, the first that was found. */
function foundIn(issues: readonly z.core.$ZodIssue[], written: unknown): Found[] {
  const found = new Map<string, Found>();
  const add = (path: readonly string[], message: string) => {
    const key = JSON.stringify(path);
    if (!found.has(key)) found.set(key, { path, value: valueAt(written, path), message });
  };
  for (const issue of issues) {
    const path = issue.path.map(String);
    if (issue.code !== 'unrecognized_keys') add(path, issue.message);
    else
      for (const key of issue.keys)
        add(
          [...path, key],
          `unknown field (its value is ${shown(valueAt(written, [...path, key]))}); ${remedyForUnknown(path.join('.'), key)}`,
        );
  }
  return [...found.values()];
}

function sentence(error: Found): string {
  return error.path.length === 0 ? error.message : `${error.path.join('.')}: ${error.message}`;
}

function place(fileName: string | undefined, where: Where | null): string {
  const at = where === null ? '' : `${where.line}:${where.column}`;
  if (fileName === undefined) return at === '' ? '' : `${at}: `;
  return at === '' ? `${fileName}: ` : `${fileName}:${at}: `;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A key with nothing behind it counts as not written, as in Kubernetes: its default applies. */
function withoutNulls(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(entries.map(([key, inner]) => [key, Array.isArray(inner) ? inner.map(cleaned) : cleaned(inner)]));
}

const cleaned = (value: unknown): unknown => (isObject(value) ? withoutNulls(value) : value);

/** The path as far as the first list on it: a list of which something is wrong isn't looked at any further. */
function withoutItems(value: unknown, path: readonly string[]): readonly string[] {
  const list = path.findIndex((_, length) => Array.isArray(valueAt(value, path.slice(0, length))));
  return list === -1 ? path : path.slice(0, list);
}

/** `spec` without the fields at these paths (which begin with "spec"), so that the rest can still be checked. */
function without(spec: unknown, paths: readonly (readonly string[])[]): unknown {
  const remove = (value: unknown, at: readonly string[]): unknown => {
    if (paths.some((path) => path.length === at.length && path.every((key, i) => key === at[i]))) return undefined;
    if (!isObject(value)) return value;
    const entries = Object.entries(value).map(([key, inner]) => [key, remove(inner, [...at, key])] as const);
    return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined));
  };
  return remove(spec, ['spec']) ?? {};
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  let inner = value;
  for (const key of path) {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, key)) return undefined;
    inner = (inner as Readonly<Record<string, unknown>>)[key];
  }
  return inner;
}
