import { type Benchmark, type Bound, keeps, median, medianOf, type Result } from './benchmark.ts';

const round = (value: number): string =>
  value >= 1_000 ? Math.round(value).toLocaleString('en-US') : value >= 100 ? value.toFixed(0) : value.toFixed(2);

const boundText = ({ kind, value, times }: Bound, unit: string): string =>
  `${kind === 'at most' ? '≤' : '≥'} ${value} ${times === undefined ? unit : `× ${times}`}`;

const FEW = 5;

/** Each run, or where they lie when they are many. */
function runsText(runs: readonly number[]): string {
  if (runs.length <= FEW) return runs.map(round).join('  ');
  return `${round(Math.min(...runs))} … ${round(Math.max(...runs))} (${runs.length})`;
}

/** The result as lines for people: a row a subject with its median, its runs, its ratio to each other subject, and its bound. */
export function table(benchmark: Benchmark, result: Result): string {
  const others = result.incomparable === true ? [] : result.subjects.slice(0, -1).map(({ name }) => name);
  const header = ['', result.unit, 'runs', ...others.map((name) => `× ${name}`), 'bound', ''];
  const rows = result.subjects.map(({ name, runs }) => {
    const bounds = result.bounds.filter(({ subject }) => subject === name);
    return [
      name,
      round(median(runs)),
      runsText(runs),
      ...others.map((other) => (other === name ? '' : (median(runs) / medianOf(result, other)).toFixed(2))),
      bounds.map((bound) => boundText(bound, result.unit)).join(', '),
      bounds.length === 0 ? '' : bounds.every((bound) => keeps(result, bound)) ? 'kept' : 'MISSED',
    ];
  });
  const widths = header.map((_, i) => Math.max(...[header, ...rows].map((row) => row[i]?.length ?? 0)));
  const numeric = (i: number): boolean => i > 0 && i < header.length - 2;
  const line = (row: string[]): string =>
    `  ${row.map((cell, i) => (numeric(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join('  ')}`.trimEnd();
  const notes = result.notes.map((note) => `  ${note}`);
  return [`${benchmark.name}: ${benchmark.title}`, line(header), ...rows.map(line), ...notes].join('\n');
}

/** The result as it goes into `--output json`. */
export function jsonResult(benchmark: Benchmark, result: Result): unknown {
  return {
    name: benchmark.name,
    title: benchmark.title,
    unit: result.unit,
    subjects: result.subjects.map(({ name, runs }) => ({ name, median: median(runs), runs })),
    bounds: result.bounds.map((bound) => ({ ...bound, kept: keeps(result, bound) })),
    notes: result.notes,
  };
}
