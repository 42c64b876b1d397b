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

/** Any text, or what the pattern lets through. */
export function text({ pattern, remedy = '' }: { readonly pattern?: RegExp; readonly remedy?: string }): Kind<string> {
  return (given) => (pattern === undefined || pattern.test(given) ? { kind: 'value', value: given } : { kind: 'wrong', remedy });
}

/** One of these words. */
export function oneOf(words: readonly string[]): Kind<string> {
  return (given) =>
    words.includes(given) ? { kind: 'value', value: given } : { kind: 'wrong', remedy: `give one of ${words.join(', ')}` };
}
