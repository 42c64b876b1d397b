/** A rule of the CRD, in CEL: the API server refuses what makes `rule` false. */
export interface CelRule {
  readonly rule: string;
  /** Told when there is no `messageExpression`, or it fails. */
  readonly message: string;
  /** CEL that makes a message with values in it; see `said`. */
  readonly messageExpression?: string;
  /** The field that the error is shown at, from the rule's own place, such as ".scaling.minReplicas". */
  readonly fieldPath?: string;
  readonly reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired';
}

/** A text as CEL writes it. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** CEL that makes this message; what stands in braces is CEL itself. */
export function said(text: string): string {
  const values: string[] = [];
  const format = text.replace(/\{([^{}]+)\}/g, (_, value: string) => {
    values.push(value);
    return '\0';
  });
  return formatted(format.replaceAll('%', '%%').replaceAll('\0', '%s'), values);
}

/** CEL that puts these values, CEL too, where "%s" stands. (Sums of texts cost too much for the API server, `format` doesn't.) */
export function formatted(format: string, values: readonly string[]): string {
  return values.length === 0 ? quoted(format.replaceAll('%%', '%')) : `${quoted(format)}.format([${values.join(', ')}])`;
}

/** CEL that is true when the text at `path` matches. */
export function matches(path: string, pattern: RegExp): string {
  return `${path}.matches(${quoted(pattern.source)})`;
}
