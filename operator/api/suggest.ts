import type { z } from 'zod';
import { chatClusterSchema } from './resource.ts';

/** Every field of the resource by its path ("spec.scaling.minReplicas"), groups before what is in them. */
export const FIELD_PATHS: readonly string[] = pathsOf(chatClusterSchema, '');

function pathsOf(schema: z.core.$ZodType, prefix: string): string[] {
  const inner = unwrapped(schema);
  if (!('shape' in inner._zod.def)) return [];
  const shape = inner._zod.def.shape as Readonly<Record<string, z.core.$ZodType>>;
  return Object.entries(shape).flatMap(([key, field]) => [prefix + key, ...pathsOf(field, `${prefix}${key}.`)]);
}

function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  let inner = schema;
  while ('innerType' in inner._zod.def) inner = inner._zod.def.innerType as z.core.$ZodType;
  return inner;
}

/**
 * What to do about the unknown field `key` below `parent` (a path, "" at the top): the field there with nearly that name, the field of that name elsewhere, or the fields
 * that there are.
 */
export function remedyForUnknown(parent: string, key: string): string {
  const prefix = parent === '' ? '' : `${parent}.`;
  const here = FIELD_PATHS.filter((path) => path.startsWith(prefix) && !path.slice(prefix.length).includes('.')).map((path) =>
    path.slice(prefix.length),
  );
  const lowered = key.toLowerCase();
  const otherCapitals = here.find((field) => field.toLowerCase() === lowered);
  if (otherCapitals !== undefined) return `did you mean ${otherCapitals}?`;
  const elsewhere = FIELD_PATHS.find((path) => path.startsWith('spec.') && path.toLowerCase().endsWith(`.${lowered}`));
  if (elsewhere !== undefined) return `did you mean ${elsewhere}?`;
  const near = nearest(key, here);
  if (near !== null) return `did you mean ${near}?`;
  return `remove it, or use one of ${here.join(', ')}`;
}

/** The candidate that differs least from `word`, if that is by a typing error or two; `null` when none does. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  let best: string | null = null;
  let least = Math.max(1, Math.min(3, Math.floor(word.length / 3))) + 1;
  for (const candidate of candidates) {
    const differences = distance(word.toLowerCase(), candidate.toLowerCase());
    if (differences < least) {
      least = differences;
      best = candidate;
    }
  }
  return best;
}

/** Letters to insert, remove, replace or swap with their neighbour. Long words are cut; nobody mistypes by so much. */
function distance(a: string, b: string): number {
  const [from, to] = [a.slice(0, 64), b.slice(0, 64)];
  let before: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      const swapped = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1] ? (before[j - 2] ?? 64) + 1 : 64;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replaced, swapped));
    }
    before = row;
    row = next;
  }
  return row[to.length] ?? 0;
}
