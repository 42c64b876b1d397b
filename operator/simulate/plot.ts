import type { Sample } from './meter.ts';

const BLOCKS = ['', '▁', '▂', '▃', '▄', '▅', '▆', '▇'];

/**
 * A plot for terminals, one column a sample: the connections as bars, the capacity of the gateways that take any as a line above them, the hours below.
 * `rows` is its height without the axis.
 */
export function plot(samples: readonly Sample[], rows: number): string {
  const top = Math.max(1, ...samples.map((sample) => Math.max(sample.capacity, sample.connections)));
  const lines: string[] = [];
  for (let row = rows - 1; row >= 0; row--) {
    const cells = samples.map((sample) => cell((sample.connections / top) * rows, (sample.capacity / top) * rows, row));
    const label = row === rows - 1 ? short(top) : row === 0 ? '0' : '';
    lines.push(`${label.padStart(6)} ┤${cells.join('')}`);
  }
  return [...lines, axis(samples)].join('\n');
}

/** What stands in one row of a column: as much of the bar as reaches into it, or the line of the capacity. */
function cell(bar: number, line: number, row: number): string {
  const eighths = Math.round((bar - row) * 8);
  if (eighths >= 8) return '█';
  if (eighths > 0) return BLOCKS[eighths] ?? ' ';
  return Math.ceil(line) - 1 === row ? '─' : ' ';
}

/** Hours since the start (minutes when it is short), as many as there is room for. */
function axis(samples: readonly Sample[]): string {
  const last = samples.at(-1)?.at ?? 0;
  const [unit, name] = last > 3 * 3_600_000 ? [3_600_000, 'h'] : [60_000, 'min'];
  let text = '';
  samples.forEach((sample, column) => {
    const label = `${Math.round(sample.at / unit)}`;
    const due = column % 12 === 0 && text.length <= column;
    if (due && column + label.length <= samples.length) text = text.padEnd(column) + label;
  });
  return `${' '.repeat(8)}${text} ${name}`;
}

/** 1234567 as "1.2M". */
function short(n: number): string {
  if (n >= 1e6) return `${(n / 1e6).toFixed(1)}M`;
  if (n >= 1e4) return `${Math.round(n / 1e3)}k`;
  return String(Math.round(n));
}
