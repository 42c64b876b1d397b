import { type Position, parsePosition } from './position.ts';

/** The fields of one message as they came; what is wrong with them gathers in `problems`. */
export class Fields {
  readonly values: Readonly<Record<string, unknown>>;
  readonly problems: string[];
  readonly #path: string;

  constructor(values: Readonly<Record<string, unknown>>, path = '', problems: string[] = []) {
    this.values = values;
    this.#path = path;
    this.problems = problems;
  }

  /** A string of `min` to `max` characters. */
  text(key: string, min: number, max: number): string {
    const value = this.values[key];
    if (typeof value === 'string' && value.length >= min && value.length <= max) return value;
    if (typeof value === 'string') {
      this.#problem(key, `has ${value.length} characters`, `give ${min} to ${max}`);
    } else {
      this.#problem(key, `is ${show(value)}`, `give a string of ${min} to ${max} characters`);
    }
    return '';
  }

  optionalText(key: string, min: number, max: number): string | undefined {
    return this.values[key] === undefined ? undefined : this.text(key, min, max);
  }

  optionalBoolean(key: string): boolean | undefined {
    const value = this.values[key];
    if (value === undefined || typeof value === 'boolean') return value;
    return this.#problem(key, `is ${show(value)}`, 'give true or false');
  }

  /** A whole number from 1. */
  optionalCount(key: string): number | undefined {
    const value = this.values[key];
    if (value === undefined || (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1)) return value;
    return this.#problem(key, `is ${show(value)}`, 'give a whole number from 1');
  }

  optionalChoice<const C extends string>(key: string, choices: readonly C[]): C | undefined {
    const value = this.values[key];
    if (value === undefined) return undefined;
    const found = choices.find((choice) => choice === value);
    return found ?? this.#problem(key, `is ${show(value)}`, `give one of ${choices.join(', ')}`);
  }

  optionalList(key: string): readonly unknown[] | undefined {
    const value = this.values[key];
    if (value === undefined || Array.isArray(value)) return value;
    return this.#problem(key, `is ${show(value)}`, 'give a list');
  }

  optionalPosition(key: string): Position | undefined {
    const value = this.values[key];
    if (value === undefined) return undefined;
    const remedy = 'give a position as a gateway sent it, {"epoch", "offset", "digest"}, or leave it out to start at the head';
    return parsePosition(value) ?? this.#problem(key, `is ${show(value)}`, remedy);
  }

  /** Any JSON value, but there must be one. */
  any(key: string): unknown {
    const value = this.values[key];
    return value === undefined ? this.#problem(key, 'is missing', 'give any JSON value') : value;
  }

  /** The fields of an object inside this one, whose problems gather here too. */
  inner(key: string): Fields | undefined {
    const value = this.values[key];
    if (value === undefined) return undefined;
    if (isObject(value)) return new Fields(value, `${this.#path}${key}.`, this.problems);
    return this.#problem(key, `is ${show(value)}`, 'give an object');
  }

  #problem(key: string, what: string, remedy: string): undefined {
    this.problems.push(`${this.#path}${key} ${what}, ${remedy}`);
    return undefined;
  }
}

/** The fields of `value`, or null when it isn't an object. */
export function fieldsOf(value: unknown): Fields | null {
  return isObject(value) ? new Fields(value) : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value);
  return text.length <= 40 ? text : `${text.slice(0, 37)}…`;
}
