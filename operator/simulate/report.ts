import { grouped, span, wrap } from '../status/text.ts';
import { assumptions, TITLES } from './assumptions.ts';
import { highest, type Sample } from './meter.ts';
import { plot } from './plot.ts';
import type { Simulated } from './run.ts';
import { FIGURES } from './table.ts';

const WIDTH = 80;
const PLOT_ROWS = 12;
/** They fit a terminal of 80 cells beside the numbers. */
const PLOT_COLUMNS = 70;
const NAME_WIDTH = 18;

/** What was simulated, in a line. */
export function titleOf({ options: { cluster, clients, durationMs, profile } }: Simulated): string {
  return `${cluster.name}: ${grouped(clients)} clients for ${span(durationMs)}, ${profile.name} (${profile.description})`;
}

/** The result for people: a plot of ours, everybody's figures side by side, what they mean and what was taken for granted. */
export function reportText(result: Simulated): string {
  const { runs, options } = result;
  const samples = runs[0]?.figures.samples ?? [];
  return [
    titleOf(result),
    '',
    plot(narrowed(samples, PLOT_COLUMNS), PLOT_ROWS),
    '        connections █, capacity ─',
    '',
    ...table(result),
    '',
    ...FIGURES.flatMap(({ name, meaning }) => paragraph(`${name.padEnd(NAME_WIDTH)}  `, meaning)),
    '',
    'Taken for granted:',
    ...assumptions(options).flatMap((text) => paragraph('- ', text)),
  ].join('\n');
}

/** The result for programs: figures rounded, times in ms, shares as fractions. */
export function reportJson({ options, runs }: Simulated): string {
  const { cluster, profile, clients, durationMs, seed, startupMs } = options;
  const contenders = Object.fromEntries(runs.map(({ name, figures }) => [name, figures]));
  return JSON.stringify(
    { cluster: cluster.name, profile: profile.name, clients, durationMs, seed, startupMs, contenders, assumptions: assumptions(options) },
    (_key, value) => (typeof value === 'number' ? rounded(value) : value),
    2,
  );
}

function table({ runs }: Simulated): string[] {
  const columns = runs.map(({ name, figures }) => [TITLES[name], ...FIGURES.map(({ text }) => text(figures))]);
  const widths = columns.map((cells) => Math.max(...cells.map((cell) => cell.length)));
  return ['', ...FIGURES.map(({ name }) => name)].map((name, row) =>
    [name.padEnd(NAME_WIDTH), ...columns.map((cells, i) => (cells[row] ?? '').padStart(widths[i] ?? 0))].join('  ').trimEnd(),
  );
}

/** Fewer samples, each the highest of some. */
function narrowed(samples: readonly Sample[], columns: number): readonly Sample[] {
  if (samples.length <= columns) return samples;
  const narrow: Sample[] = [];
  samples.forEach((sample, i) => {
    const column = Math.floor((i * columns) / samples.length);
    const before = narrow[column];
    narrow[column] = before === undefined ? sample : highest(before, sample);
  });
  return narrow;
}

/** A text with `first` before its first line, indented as far in the others. */
function paragraph(first: string, text: string): string[] {
  return wrap(text, WIDTH - first.length).map((line, i) => `${i === 0 ? first : ' '.repeat(first.length)}${line}`);
}

function rounded(n: number): number {
  return Number(n.toPrecision(10));
}
