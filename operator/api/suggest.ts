import type { z } from 'zod';
import { nearest } from './nearest.ts';
import { chatClusterSchema } from './resource.ts';

/** Every field of the resource by its path ("spec.scaling.minReplicas", in a list "spec.scaling.schedules[].name"), groups before what is in them. */
export const FIELD_PATHS: readonly string[] = pathsOf(chatClusterSchema, '');

function pathsOf(schema: z.core.$ZodType, prefix: string): string[] {
  const inner = unwrapped(schema);
  if (!('shape' in inner._zod.def)) return [];
  const shape = inner._zod.def.shape as Readonly<Record<string, z.core.$ZodType>>;
  return Object.entries(shape).flatMap(([key, field]) => {
    const { def } = unwrapped(field)._zod;
    if ('element' in def) return [prefix + key, ...pathsOf(def.element as z.core.$ZodType, `${prefix}${key}[].`)];
    return [prefix + key, ...pathsOf(field, `${prefix}${key}.`)];
  });
}

function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  let inner = schema;
  while ('innerType' in inner._zod.def) inner = inner._zod.def.innerType as z.core.$ZodType;
  return inner;
}

/**
 * What to do about the unknown field `key` below `parent` (a path, "" at the top, with numbers for the items of a list): the field there with nearly that name, the field of that name elsewhere, or the fields
 * that there are.
 */
export function remedyForUnknown(parent: string, key: string): string {
  const prefix = parent === '' ? '' : `${parent.replace(/\.\d+(?=\.|$)/g, '[]')}.`;
  const here = FIELD_PATHS.filter((path) => path.startsWith(prefix) && !path.slice(prefix.length).includes('.')).map((path) =>
    path.slice(prefix.length),
  );
  const lowered = key.toLowerCase();
  const otherCapitals = here.find((field) => field.toLowerCase() === lowered);
  if (otherCapitals !== undefined) return `did you mean ${otherCapitals}?`;
  const elsewhere = FIELD_PATHS.find(
    (path) => path.startsWith('spec.') && !path.includes('[]') && path.toLowerCase().endsWith(`.${lowered}`),
  );
  if (elsewhere !== undefined) return `did you mean ${elsewhere}?`;
  const near = nearest(key, here);
  if (near !== null) return `did you mean ${near}?`;
  return `remove it, or use one of ${here.join(', ')}`;
}
