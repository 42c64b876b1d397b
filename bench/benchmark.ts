/** One benchmark: what `npm run bench NAME` runs. */
export interface Benchmark {
  readonly name: string;
  /** One line: what is measured, with its numbers. */
  readonly title: string;
  run(options: RunOptions): Promise<Result>;
}

export interface RunOptions {
  /** Fewer and shorter runs, to see whether it works. */
  readonly quick: boolean;
  /** Says what is being done now. */
  progress(text: string): void;
}

export interface Result {
  readonly unit: string;
  readonly subjects: readonly Subject[];
  readonly bounds: readonly Bound[];
  /** What a reader must know besides the figures. */
  readonly notes: readonly string[];
  /** The subjects are figures of different things: none is shown as so many times another. */
  readonly incomparable?: true;
}

/** What was measured, once a run. */
export interface Subject {
  readonly name: string;
  readonly runs: readonly number[];
}

/** `subject`'s median is to be at most, or at least, `value` (of the unit, or times the median of the subject `times`). */
export interface Bound {
  readonly subject: string;
  readonly kind: 'at most' | 'at least';
  readonly value: number;
  readonly times?: string;
}

export function median(runs: readonly number[]): number {
  const sorted = runs.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export const medianOf = (result: Result, subject: string): number =>
  median(result.subjects.find(({ name }) => name === subject)?.runs ?? []);

/** Whether the medians keep to a bound. */
export function keeps(result: Result, bound: Bound): boolean {
  const limit = bound.times === undefined ? bound.value : bound.value * medianOf(result, bound.times);
  const value = medianOf(result, bound.subject);
  return bound.kind === 'at most' ? value <= limit : value >= limit;
}
