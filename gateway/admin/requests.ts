import type { DrainRequest, ShedRequest } from '../../protocol/admin.ts';

/** A request's body, read; or what is wrong with it: each wrong field, its value and the remedy. */
export type Parsed<T> = { readonly kind: 'request'; readonly request: T } | { readonly kind: 'invalid'; readonly problem: string };

const MAX_RATE = 1_000_000;
const MAX_TIMEOUT_MS = 86_400_000;
const MAX_COUNT = 10_000_000;

/** Reads the body of `POST /drain`. */
export function parseDrainRequest(text: string): Parsed<DrainRequest> {
  return parse(text, (fields) => ({
    ratePerSecond: fields.number('ratePerSecond', MAX_RATE, 'connections a second, 0 to pause'),
    timeoutMs: fields.number('timeoutMs', MAX_TIMEOUT_MS, 'milliseconds'),
  }));
}

/** Reads the body of `POST /shed`. */
export function parseShedRequest(text: string): Parsed<ShedRequest> {
  return parse(text, (fields) => ({
    count: fields.wholeNumber('count', MAX_COUNT, 'connections, 0 to end a shed'),
    ratePerSecond: fields.number('ratePerSecond', MAX_RATE, 'connections a second, 0 to pause'),
  }));
}

function parse<T>(text: string, read: (fields: Fields) => T): Parsed<T> {
  const values = jsonObject(text);
  if (values === null) return { kind: 'invalid', problem: `The body is ${shown(text)}; send a JSON object.` };
  const fields = new Fields(values);
  const request = read(fields);
  if (fields.problems.length > 0) return { kind: 'invalid', problem: `${fields.problems.join('; ')}.` };
  return { kind: 'request', request };
}

class Fields {
  readonly problems: string[] = [];
  readonly #values: Record<string, unknown>;

  constructor(values: Record<string, unknown>) {
    this.#values = values;
  }

  number(name: string, max: number, unit: string): number {
    return this.#check(name, `give a number from 0 to ${max} (${unit})`, (value) => value >= 0 && value <= max);
  }

  wholeNumber(name: string, max: number, unit: string): number {
    const isFine = (value: number) => Number.isInteger(value) && value >= 0 && value <= max;
    return this.#check(name, `give a whole number from 0 to ${max} (${unit})`, isFine);
  }

  #check(name: string, remedy: string, isFine: (value: number) => boolean): number {
    const value = this.#values[name];
    if (typeof value === 'number' && isFine(value)) return value;
    this.problems.push(`${name} is ${value === undefined ? 'missing' : shown(JSON.stringify(value))}; ${remedy}`);
    return 0;
  }
}

function jsonObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function shown(text: string): string {
  if (text === '') return 'empty';
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}
