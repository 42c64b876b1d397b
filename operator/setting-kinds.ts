/** What the text of a setting turned out to be; the remedy goes on after "…is X; ". */
export type Read<V> = { readonly kind: 'value'; readonly value: V } | { readonly kind: 'wrong'; readonly remedy: string };

/** Reads a setting's text. */
export type Kind<V> = (given: string) => Read<V>;

/** A whole number from `min` to `max`. */
export function wholeNumber(min: number, max: number): Kind<number> {
  return (given) => {
    const value = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN;
    return value >= min && value <= max ? { kind: 'value', value } : { kind: 'wrong', remedy: `give a whole number from ${min} to ${max}` };
  };
}

/** What the pattern lets through. */
export function text(pattern: RegExp, remedy: string): Kind<string> {
  return (given) => (pattern.test(given) ? { kind: 'value', value: given } : { kind: 'wrong', remedy });
}

/** One of these words. */
export function oneOf<const T extends string>(words: readonly T[]): Kind<T> {
  return (given) => {
    const value = words.find((word) => word === given);
    return value === undefined ? { kind: 'wrong', remedy: `give one of ${words.join(', ')}` } : { kind: 'value', value };
  };
}

const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Names of namespaces with commas between; each once. `null` stands for all. */
export const namespaces: Kind<readonly string[] | null> = (given) => {
  if (given === '*') return { kind: 'value', value: null };
  const names = given.split(',').map((name) => name.trim());
  if (names.every((name) => NAMESPACE.test(name))) return { kind: 'value', value: [...new Set(names)] };
  return { kind: 'wrong', remedy: 'give names of namespaces with commas between, such as "chat,support", or * for all' };
};
