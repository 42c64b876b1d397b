import { brokerUrlProblems } from './broker/url.ts';

/** What the text of a setting turned out to be; the remedy goes on after "…is X; ", a problem of its own after the setting's name. */
export type Read<V> =
  | { readonly kind: 'value'; readonly value: V }
  | { readonly kind: 'wrong'; readonly remedy: string }
  | { readonly kind: 'problems'; readonly problems: readonly string[] };

/** Reads a setting's text. */
export type Kind<V> = (given: string) => Read<V>;

/** A whole number from `min` to `max`. */
export function wholeNumber(min: number, max: number): Kind<number> {
  return (given) => {
    const value = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN;
    return value >= min && value <= max ? { kind: 'value', value } : { kind: 'wrong', remedy: `give a whole number from ${min} to ${max}` };
  };
}

/** Any text, or what the pattern lets through. */
export function text({ pattern, remedy = '' }: { readonly pattern?: RegExp; readonly remedy?: string }): Kind<string> {
  return (given) => (pattern === undefined || pattern.test(given) ? { kind: 'value', value: given } : { kind: 'wrong', remedy });
}

/** One of these words. */
export function oneOf<const T extends string>(words: readonly T[]): Kind<T> {
  return (given) => {
    const value = words.find((word) => word === given);
    return value === undefined ? { kind: 'wrong', remedy: `give one of ${words.join(', ')}` } : { kind: 'value', value };
  };
}

/** The URL of a broker. What is wrong with it is told without the password that it may have. */
export const brokerUrl: Kind<string> = (given) => {
  const problems = brokerUrlProblems(given);
  return problems.length === 0 ? { kind: 'value', value: given } : { kind: 'problems', problems };
};
