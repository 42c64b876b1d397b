/** A line of a file, numbered from 1; those without text are left out. */
export interface Line {
  readonly number: number;
  readonly text: string;
}

export function linesOf(text: string): readonly Line[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line, i) => ({ number: i + 1, text: line.trim() }))
    .filter((line) => line.text !== '');
}

/** Errors that are shown; of more only how many. */
const SHOWN = 5;

/** Throws an error with all faults, one a line, if there are any. */
export function refuse(faults: readonly string[]): void {
  if (faults.length === 0) return;
  const rest = faults.length - SHOWN;
  throw new Error([...faults.slice(0, SHOWN), ...(rest > 0 ? [`… and ${rest} more lines`] : [])].join('\n'));
}
