import { timeTicks, valueTicks } from './axis.ts';
import { escaped } from './escape.ts';

/** A curve; `look` is a class of the style sheet. */
export interface Series {
  readonly look: string;
  /** As a filled area instead of a line. */
  readonly filled?: true;
  /** One for each sample. */
  readonly values: readonly number[];
  /** Its place among the page's data, for those who point at it. */
  readonly index: number;
}

/** A plot over time. */
export interface Chart {
  /** For those who can't see it. */
  readonly description: string;
  readonly series: readonly Series[];
  /** Instants of the samples, ms from the start. */
  readonly times: readonly number[];
  readonly durationMs: number;
  /** The highest value to be shown. */
  readonly most: number;
  readonly format: (value: number) => string;
  /** A line across the plot; `null` for none. */
  readonly mark: number | null;
}

/** The plot's size and the room around it, in its own units: about a pixel each. */
export const SIZE = { width: 320, height: 170, left: 42, right: 16, top: 8, bottom: 22 } as const;
const TIME_TICKS = 4;

/** The plot as SVG; colours come from the style sheet of the page. */
export function chartSvg(chart: Chart): string {
  const { width, height, left, right, top, bottom } = SIZE;
  const ticks = valueTicks(chart.most, chart.format);
  const highest = ticks.at(-1)?.value ?? 1;
  const x = (at: number) => rounded(left + (at / chart.durationMs) * (width - left - right));
  const y = (value: number) => rounded(height - bottom - (value / highest) * (height - top - bottom));
  const grid = ticks.map(
    ({ value, label }) =>
      `<line class="grid" x1="${left}" x2="${width - right}" y1="${y(value)}" y2="${y(value)}"/><text class="value" x="${left - 5}" y="${y(value) + 4}">${escaped(label)}</text>`,
  );
  const times = timeTicks(chart.durationMs, TIME_TICKS).map(({ value, label }) => {
    const isLast = value >= 0.95 * chart.durationMs;
    return `<text class="${isLast ? 'last' : 'time'}" x="${isLast ? width : x(value)}" y="${height - 6}">${escaped(label)}</text>`;
  });
  const curves = chart.series.map(({ look, filled, values }) => {
    const points = chart.times.map((at, i) => `${x(at)} ${y(values[i] ?? 0)}`);
    const line = `M${points.join('L')}`;
    if (filled !== true) return `<path class="line ${look}" d="${line}"/>`;
    return `<path class="area ${look}" d="${line}L${x(chart.times.at(-1) ?? 0)} ${y(0)}L${x(chart.times[0] ?? 0)} ${y(0)}Z"/>`;
  });
  const mark =
    chart.mark === null ? '' : `<line class="mark" x1="${left}" x2="${width - right}" y1="${y(chart.mark)}" y2="${y(chart.mark)}"/>`;
  const indexes = chart.series.map(({ index }) => index).join(' ');
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(chart.description)}" data-series="${indexes}">${grid.join('')}${times.join('')}${curves.join('')}${mark}<line class="cursor" y1="${top}" y2="${height - bottom}" hidden/></svg>`;
}

function rounded(n: number): number {
  return Math.round(n * 10) / 10;
}
