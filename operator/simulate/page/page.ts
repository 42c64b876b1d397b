import { grouped, span } from '../../status/text.ts';
import { assumptions, TITLES } from '../assumptions.ts';
import type { Sample } from '../meter.ts';
import type { Simulated } from '../run.ts';
import { FIGURES } from '../table.ts';
import { short } from './axis.ts';
import { chartSvg } from './chart.ts';
import { escaped, scriptJson } from './escape.ts';
import { POINTER } from './pointer.ts';
import { STYLE } from './style.ts';

/** A curve that every contender has. */
interface Curve {
  readonly look: string;
  readonly name: string;
  readonly filled?: true;
  readonly value: (sample: Sample) => number;
}

/** Plots of the same values, one for each contender, on the same scale. */
interface Section {
  readonly title: string;
  readonly about: string;
  readonly curves: readonly Curve[];
  readonly format: (value: number) => string;
}

const percent = (value: number) => `${Math.round(value * 100)} %`;

const SECTIONS: readonly Section[] = [
  {
    title: 'Connections and capacity',
    about: 'Where the clients are above the capacity, somebody waits.',
    curves: [
      { look: 'connections', name: 'connections', filled: true, value: ({ connections }) => connections },
      { look: 'clients', name: 'clients that want to be online', value: ({ clients }) => clients },
      { look: 'capacity', name: 'capacity of the gateways that take new ones', value: ({ capacity }) => capacity },
    ],
    format: short,
  },
  {
    title: 'Gateways',
    about: 'Those that run are paid for, also while they start or go.',
    curves: [
      { look: 'gateways', name: 'running', filled: true, value: ({ gateways }) => gateways },
      { look: 'desired', name: 'desired', value: ({ desired }) => desired },
    ],
    format: short,
  },
  {
    title: 'Utilisation',
    about: 'Of the gateways that take new connections; the dotted line is the target.',
    curves: [{ look: 'utilization', name: 'utilisation', value: ({ utilization }) => utilization }],
    format: percent,
  },
  {
    title: 'Connections moved and dropped in a second',
    about: 'A moved client has its new connection before the old one is closed; a dropped one has none for a while.',
    curves: [
      { look: 'moved', name: 'moved', filled: true, value: ({ movedPerSecond }) => movedPerSecond },
      { look: 'dropped', name: 'dropped', value: ({ droppedPerSecond }) => droppedPerSecond },
    ],
    format: short,
  },
];

/** The result as a page in one file, which needs no network and no script: the figures, the plots of each contender, what they mean and what was taken for granted. */
export function reportPage(result: Simulated): string {
  const { options, runs } = result;
  const { cluster, clients, durationMs, profile, seed } = options;
  const data = { times: timesOf(result), durationMs, series: [] as { name: string; texts: string[] }[] };
  const sections = SECTIONS.map((section) => sectionHtml(section, result, data.series));
  const heads = runs.map(({ name }) => `<th scope="col">${TITLES[name]}</th>`).join('');
  const rows = FIGURES.map(
    ({ name, text }) => `<tr><th scope="row">${name}</th>${runs.map(({ figures }) => `<td>${escaped(text(figures))}</td>`).join('')}</tr>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(cluster.name)}: ${escaped(profile.name)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(cluster.name)}: ${grouped(clients)} clients for ${span(durationMs)}</h1>
<p>${escaped(profile.name)}: ${escaped(profile.description)}</p>
<p class="soft">Simulated in virtual time by chatcluster simulate, seed ${seed}.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Figures"><table><thead><tr><th></th>${heads}</tr></thead><tbody>
${rows.join('\n')}
</tbody></table></div>
${sections.join('\n')}
<h2>What the figures mean</h2>
<dl>${FIGURES.map(({ name, meaning }) => `<dt>${name}</dt><dd>${meaning}</dd>`).join('')}</dl>
<h2>Taken for granted</h2>
<ul class="assumptions">${assumptions(options)
    .map((text) => `<li>${escaped(text)}</li>`)
    .join('')}</ul>
<script type="application/json" id="data">${scriptJson(data)}</script>
<script>${POINTER}</script>
</body>
</html>
`;
}

function sectionHtml(
  { title, about, curves, format }: Section,
  { options, runs }: Simulated,
  series: { name: string; texts: string[] }[],
): string {
  const isUtilization = format === percent;
  const most = runs.reduce(
    (highest, { figures }) =>
      figures.samples.reduce((high, sample) => Math.max(high, ...curves.map(({ value }) => value(sample))), highest),
    0,
  );
  const figures = runs.map(({ name, figures: { samples } }) => {
    const chart = chartSvg({
      description: `${title} of ${TITLES[name]}: ${curves.map((curve) => curve.name).join(', ')}`,
      series: curves.map(({ look, name: curve, filled, value }) => {
        const values = samples.map(value);
        const index = series.push({ name: curve.split(' ')[0] ?? '', texts: values.map(format) }) - 1;
        return { look, values, index, ...(filled === true && { filled }) };
      }),
      times: samples.map(({ at }) => at),
      durationMs: options.durationMs,
      most: isUtilization ? Math.max(1, most) : most,
      format,
      mark: isUtilization ? options.cluster.spec.scaling.targetUtilization : null,
    });
    return `<figure><figcaption><b>${TITLES[name]}</b> <output></output></figcaption>${chart}</figure>`;
  });
  const legend = curves.map(({ look, name, filled }) => `<li>${swatch(look, filled === true)}${name}</li>`).join('');
  return `<section><h2>${title}</h2><p class="soft">${about}</p>
<ul class="legend">${legend}</ul>
<div class="contenders${runs.length === 1 ? ' one' : ''}">${figures.join('\n')}</div></section>`;
}

function swatch(look: string, filled: boolean): string {
  const shape = filled ? `<path class="area ${look}" d="M0 1H26V11H0Z"/>` : `<path class="line ${look}" d="M0 6H26"/>`;
  return `<svg viewBox="0 0 26 12" aria-hidden="true">${shape}</svg>`;
}

function timesOf({ runs }: Simulated): readonly number[] {
  return runs[0]?.figures.samples.map(({ at }) => at) ?? [];
}
