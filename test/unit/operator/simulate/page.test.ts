import { describe, expect, it } from 'vitest';
import { short, timeTicks, valueTicks } from '../../../../operator/simulate/page/axis.ts';
import { chartSvg } from '../../../../operator/simulate/page/chart.ts';
import { escaped, scriptJson } from '../../../../operator/simulate/page/escape.ts';

const HOUR = 3_600_000;
const labels = (ticks: readonly { readonly label: string }[]) => ticks.map(({ label }) => label).join(' | ');

describe('the axes of a plot', () => {
  it.each<[most: number, want: string]>([
    [0, '0 | 0.5 | 1'],
    [1, '0 | 0.5 | 1'],
    [7, '0 | 4 | 8'],
    [160, '0 | 80 | 160'],
    [1_234, '0 | 800 | 1600'],
    [26_500, '0 | 15k | 30k'],
    [1_000_000, '0 | 500k | 1M'],
  ])('up to %d', (most, want) => {
    expect(labels(valueTicks(most, short))).toBe(want);
  });

  it.each<[name: string, ms: number, want: string]>([
    ['a day', 24 * HOUR, '0 h | 6 h | 12 h | 18 h | 24 h'],
    ['two hours', 2 * HOUR, '0 min | 30 min | 60 min | 90 min | 120 min'],
    ['ten seconds', 10_000, '0 s | 5 s | 10 s'],
    ['a week', 168 * HOUR, '0 d | 2 d | 4 d | 6 d'],
    ['a leap year', 8_784 * HOUR, '0 d | 366 d'],
  ])('of %s', (_name, ms, want) => {
    expect(labels(timeTicks(ms, 4))).toBe(want);
  });
});

it('a plot draws each value at its place', () => {
  const svg = chartSvg({
    description: 'A < B',
    series: [{ look: 'capacity', values: [0, 4, 8], index: 3 }],
    times: [0, HOUR, 2 * HOUR],
    durationMs: 2 * HOUR,
    most: 8,
    format: short,
    mark: 4,
  });
  // From 42 to 304 across, from 148 up to 8.
  expect(svg).toContain('<path class="line capacity" d="M42 148L173 78L304 8"/>');
  expect(svg).toContain('<line class="mark" x1="42" x2="304" y1="78" y2="78"/>');
  expect(svg).toContain('aria-label="A &lt; B" data-series="3"');
});

describe('texts in the page', () => {
  it('cannot break out of it', () => {
    expect(escaped('<b title="a">&</b>')).toBe('&lt;b title=&quot;a&quot;&gt;&amp;&lt;/b&gt;');
    expect(scriptJson({ name: '</script><script>' })).not.toContain('<');
    expect(JSON.parse(scriptJson({ name: '</script>' }))).toEqual({ name: '</script>' });
  });
});
