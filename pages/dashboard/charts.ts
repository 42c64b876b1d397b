import uPlot from 'uplot';
import { byId, el } from '../dom.ts';
import type { Sample, Series } from './series.ts';

interface Line {
  readonly value: Exclude<keyof Sample, 'at'>;
  readonly label: string;
  /** The CSS variable of its colour. */
  readonly colour: string;
  readonly dashed?: boolean;
  readonly filled?: boolean;
  readonly stepped?: boolean;
}

interface ChartSpec {
  readonly id: string;
  readonly title: string;
  readonly lines: readonly Line[];
  readonly unit?: string;
  /** The least that the vertical axis reaches up to. */
  readonly top: number;
}

const CHARTS: readonly ChartSpec[] = [
  {
    id: 'chart-connections',
    title: 'Connections and capacity',
    top: 10,
    lines: [
      { value: 'connections', label: 'connections', colour: '--series-1', filled: true },
      { value: 'capacity', label: 'capacity', colour: '--muted', dashed: true, stepped: true },
    ],
  },
  {
    id: 'chart-gateways',
    title: 'Gateways, desired and actual',
    top: 4,
    lines: [
      { value: 'actual', label: 'actual', colour: '--series-2', filled: true, stepped: true },
      { value: 'desired', label: 'desired', colour: '--series-1', dashed: true, stepped: true },
    ],
  },
  {
    id: 'chart-moved',
    title: 'Connections moved per second',
    top: 10,
    lines: [{ value: 'moved', label: 'moved/s', colour: '--series-3', filled: true }],
  },
  {
    id: 'chart-latency',
    title: 'Delivery latency, p99',
    top: 5,
    unit: ' ms',
    lines: [{ value: 'latency', label: 'stored to sent', colour: '--series-1' }],
  },
];

const HEIGHT = 190;

/** The charts of the page. They share one cursor, follow the width of their cards, and take their colours from the style. */
export function drawCharts(series: Series): { readonly update: () => void } {
  let charts = CHARTS.map((spec) => new Chart(spec, series));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    for (const chart of charts) chart.remove();
    charts = CHARTS.map((spec) => new Chart(spec, series));
  });
  return {
    update: () => {
      for (const chart of charts) chart.update();
    },
  };
}

class Chart {
  readonly #spec: ChartSpec;
  readonly #series: Series;
  readonly #plot: uPlot;
  readonly #values: readonly HTMLElement[];
  readonly #resize: ResizeObserver;

  constructor(spec: ChartSpec, series: Series) {
    this.#spec = spec;
    this.#series = series;
    this.#values = spec.lines.map(() => el('b'));
    const place = el('div', { class: 'plot' });
    byId(spec.id, 'div').replaceChildren(el('h2', { text: spec.title }), legend(spec, this.#values), place);
    this.#plot = new uPlot(this.#options(place.clientWidth), this.#columns(), place);
    this.#resize = new ResizeObserver(() => this.#plot.setSize({ width: place.clientWidth, height: HEIGHT }));
    this.#resize.observe(place);
    this.#showValues();
  }

  update(): void {
    this.#plot.setData(this.#columns());
    this.#showValues();
  }

  remove(): void {
    this.#resize.disconnect();
    this.#plot.destroy();
  }

  #columns(): uPlot.AlignedData {
    const { times, lines } = this.#series.columns(this.#spec.lines.map(({ value }) => value));
    return [times, ...lines];
  }

  /** The values under the cursor, or else the newest. */
  #showValues(): void {
    const at = this.#plot.cursor.idx ?? this.#plot.data[0].length - 1;
    for (const [i, element] of this.#values.entries()) {
      const value = this.#plot.data[i + 1]?.[at];
      element.textContent = value == null ? '–' : `${round(value)}${this.#spec.unit ?? ''}`;
    }
  }

  #options(width: number): uPlot.Options {
    const axis = {
      stroke: colour('--muted'),
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { show: false },
      font: '11px ui-sans-serif, system-ui, sans-serif',
    };
    return {
      width,
      height: HEIGHT,
      padding: [8, 12, 0, 0],
      legend: { show: false },
      cursor: { sync: { key: 'dashboard' }, points: { size: 6 }, drag: { x: false, y: false } },
      hooks: { setCursor: [() => this.#plot && this.#showValues()] },
      scales: { y: { range: (_plot, _min, max) => [0, Math.max(this.#spec.top, (max ?? 0) * 1.1)] } },
      axes: [
        { ...axis, size: 26, space: 70, values: (_plot, times) => times.map(clock) },
        { ...axis, size: 46, space: 34, values: (_plot, values) => values.map(round) },
      ],
      series: [{}, ...this.#spec.lines.map(lineOptions)],
    };
  }
}

function legend(spec: ChartSpec, values: readonly HTMLElement[]): HTMLElement {
  const entries = spec.lines.map((line, i) => {
    const swatch = el('i');
    swatch.style.background = `var(${line.colour})`;
    return el('span', {}, swatch, `${line.label} `, values[i] ?? '');
  });
  return el('p', { class: 'legend' }, ...entries);
}

function lineOptions({ label, colour: name, dashed, filled, stepped }: Line): uPlot.Series {
  const stroke = colour(name);
  return {
    label,
    stroke,
    width: 2,
    points: { show: false },
    ...(dashed ? { dash: [6, 5], width: 1.5 } : {}),
    ...(filled ? { fill: `color-mix(in srgb, ${stroke} 14%, transparent)` } : {}),
    ...(stepped && uPlot.paths.stepped ? { paths: uPlot.paths.stepped({ align: 1 }) } : {}),
  };
}

const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const round = (value: number) => (value < 10 ? Math.round(value * 10) / 10 : Math.round(value)).toLocaleString('en-US');
const clock = (seconds: number) =>
  new Date(seconds * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
