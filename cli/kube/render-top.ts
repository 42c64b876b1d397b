import { stateColor } from '../../operator/status/render.ts';
import { bar, grouped, palette, wrap } from '../../operator/status/text.ts';
import type { Look } from '../output.ts';
import { type Column, table } from '../table.ts';
import { figures, headline } from './render-status.ts';
import type { Top, TopLine } from './top.ts';

const BAR = 10;
const NONE = '-';
/** The line below the others. */
const TOTAL = 'all';

/** What gateways do now as text for people. */
export function renderTop({ cluster, gateways, notes }: Top, look: Look): string {
  const paint = palette(look.color);
  const width = Math.max(40, look.width);
  const columns: Column<TopLine>[] = [
    { heading: 'GATEWAY', align: 'left', cell: ({ name }) => name },
    {
      heading: 'STATE',
      align: 'left',
      cell: (line) => (line.name === TOTAL ? '' : line.state),
      paint: ({ state }) => stateColor(state, paint),
      dispensable: 2,
    },
    { heading: 'CONNECTIONS', align: 'right', cell: held },
    { heading: '', align: 'left', cell: barOf, paint: ({ state }) => stateColor(state, paint), dispensable: 6 },
    { heading: 'USED', align: 'right', cell: usedOf },
    { heading: 'MOVED/S', align: 'right', cell: ({ movedPerSecond }) => rate(movedPerSecond), dispensable: 1 },
    { heading: 'DELIVERED/S', align: 'right', cell: ({ deliveredPerSecond }) => rate(deliveredPerSecond), dispensable: 3 },
    { heading: 'CPU', align: 'right', cell: ({ cpu }) => (cpu === null ? NONE : `${Math.round(cpu * 100)} %`), dispensable: 4 },
    { heading: 'MEMORY', align: 'right', cell: ({ memoryBytes }) => memory(memoryBytes), dispensable: 5 },
  ];
  const lines = gateways.length > 1 ? [...gateways, total(gateways)] : gateways;
  return [
    ...headline(cluster, width, paint),
    ...figures(cluster, width, paint),
    '',
    ...(gateways.length === 0 ? [paint.dim('No gateways.')] : table(columns, lines, width, paint)),
    ...(notes.length === 0 ? [] : ['', ...notes.flatMap((note) => wrap(note, width).map(paint.yellow))]),
  ].join('\n');
}

/** The sums of what is known; null where nothing is. */
function total(gateways: readonly TopLine[]): TopLine {
  const sum = (read: (line: TopLine) => number | null) => {
    const known = gateways.map(read).filter((value) => value !== null);
    return known.length === 0 ? null : known.reduce((a, b) => a + b, 0);
  };
  return {
    name: TOTAL,
    state: 'ready',
    connections: sum(({ connections }) => connections),
    capacity: sum(({ capacity }) => capacity),
    movedPerSecond: sum(({ movedPerSecond }) => movedPerSecond),
    deliveredPerSecond: sum(({ deliveredPerSecond }) => deliveredPerSecond),
    cpu: sum(({ cpu }) => cpu),
    memoryBytes: sum(({ memoryBytes }) => memoryBytes),
  };
}

function held({ connections, capacity }: TopLine): string {
  return connections === null ? NONE : `${grouped(connections)}/${grouped(capacity ?? 0)}`;
}

function usedOf({ connections, capacity }: TopLine): string {
  return connections === null || !capacity ? NONE : `${Math.round((connections / capacity) * 100)} %`;
}

function barOf({ connections, capacity }: TopLine): string {
  if (connections === null || !capacity) return '';
  const { filled, rest } = bar(connections / capacity, BAR);
  return filled + rest;
}

function rate(value: number | null): string {
  if (value === null) return NONE;
  return value > 0 && value < 10 ? value.toFixed(1) : grouped(value);
}

function memory(bytes: number | null): string {
  if (bytes === null) return NONE;
  const mebibytes = bytes / 2 ** 20;
  return mebibytes < 1_000 ? `${Math.round(mebibytes)} MiB` : `${(mebibytes / 1_024).toFixed(1)} GiB`;
}
