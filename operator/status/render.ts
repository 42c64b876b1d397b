import type { ClusterStatus, Condition, Decision, DrainLine, GatewayLine } from './status.ts';
import { bar, cut, grouped, type Paint, type Palette, palette, span, wrap } from './text.ts';

/** Cells of a gateway's line beside its name, its numbers and its bar: state, percentage, " old" and what stands between. */
const FIXED_CELLS = 28;
const SHORTEST_BAR = 4;
const LONGEST_BAR = 30;

/** Room for "59 min 59 s ago". */
const AGO_CELLS = 15;

/** How a status is written to a terminal. */
export interface RenderOptions {
  /** Cells of a line; from 60. */
  readonly width: number;
  readonly color: boolean;
  /** The most gateways shown one by one (those that are not simply ready first); 40 if not given. */
  readonly gateways?: number;
  /** The most decisions shown; 8 if not given. */
  readonly decisions?: number;
}

/** The status as text for people: a headline, the gateways with bars, the drains, what is out of the ordinary, the last decisions. Ends without a newline. */
export function renderStatus(status: ClusterStatus, options: RenderOptions): string {
  const paint = palette(options.color);
  const width = Math.max(60, options.width);
  return [
    headline(status, paint),
    figures(status, width, paint),
    '',
    ...gatewayTable(status, width, options.gateways ?? 40, paint),
    ...section(
      'DRAINS',
      status.drains.flatMap((drain) => drainText(drain, status.at, width)),
      paint,
    ),
    ...section(
      'CONDITIONS',
      status.conditions.filter(isRemarkable).flatMap((condition) => conditionText(condition, width, paint)),
      paint,
    ),
    ...section(
      'DECISIONS',
      status.decisions.slice(0, options.decisions ?? 8).flatMap((decision) => decisionText(decision, status.at, width, paint)),
      paint,
    ),
  ].join('\n');
}

function headline(status: ClusterStatus, paint: Palette): string {
  const ready = status.gateways.filter((g) => g.state === 'ready').length;
  const desired = status.desired === null ? 'nothing decided yet' : `${status.desired} desired`;
  const words = `${status.gateways.length} gateways, ${ready} ready, ${desired}`;
  const settled = status.desired !== null && ready === status.desired && status.gateways.length === ready;
  return `${paint.bold(status.name)}  ${settled ? paint.green(words) : paint.yellow(words)}`;
}

function figures(status: ClusterStatus, width: number, paint: Palette): string {
  const used = status.capacity > 0 ? `${Math.round((status.connections / status.capacity) * 100)} %` : '–';
  const latency = status.deliveryLatencyMs === null ? '' : ` · delivered in ${status.deliveryLatencyMs.toFixed(1)} ms (p99)`;
  const text = `${grouped(status.connections)} connections of ${grouped(status.capacity)} (${used}) · ${grouped(status.movedPerSecond)} moved/s${latency}`;
  return paint.dim(cut(text, width));
}

function gatewayTable(status: ClusterStatus, width: number, limit: number, paint: Palette): string[] {
  if (status.gateways.length === 0) return [paint.dim('No gateways.')];
  const shown = selected(status.gateways, limit);
  const names = Math.max(7, ...shown.map((g) => g.name.length));
  const numbers = Math.max(11, ...shown.map((g) => held(g).length));
  const pids = Math.max(3, ...shown.map((g) => String(g.pid ?? '').length));
  const others = numbers + pids + FIXED_CELLS;
  const nameWidth = Math.min(names, Math.max(8, width - others - SHORTEST_BAR));
  const barWidth = Math.max(SHORTEST_BAR, Math.min(LONGEST_BAR, width - others - nameWidth));
  const heading = [
    'GATEWAY'.padEnd(nameWidth),
    'STATE'.padEnd(11),
    'CONNECTIONS'.padStart(numbers),
    ''.padEnd(barWidth + 5),
    'PID'.padStart(pids),
  ];
  const rows = shown.map((g) => {
    const fraction = g.capacity > 0 ? (g.connections ?? 0) / g.capacity : 0;
    const { filled, rest } = bar(fraction, barWidth);
    const color = stateColor(g.state, paint);
    const cells = [
      cut(g.name, nameWidth).padEnd(nameWidth),
      color(g.state.padEnd(11)),
      held(g).padStart(numbers),
      `${color(filled)}${paint.dim(rest)}${(g.connections === null ? '' : `${Math.min(999, Math.round(fraction * 100))}%`).padStart(5)}`,
      String(g.pid ?? '').padStart(pids),
    ];
    return `${cells.join('  ')}${g.current ? '' : ' old'}`.trimEnd();
  });
  return [paint.dim(heading.join('  ')), ...rows, ...leftOut(status.gateways, shown, paint)];
}

/** All of them, or at most `limit` with those that aren't simply ready before the others, still in their order. */
function selected(gateways: readonly GatewayLine[], limit: number): readonly GatewayLine[] {
  if (gateways.length <= limit) return gateways;
  const special = gateways.filter((g) => g.state !== 'ready' || !g.current);
  const rest = gateways.filter((g) => g.state === 'ready' && g.current);
  const chosen = new Set([...special, ...rest].slice(0, limit));
  return gateways.filter((g) => chosen.has(g));
}

function leftOut(all: readonly GatewayLine[], shown: readonly GatewayLine[], paint: Palette): string[] {
  if (all.length === shown.length) return [];
  const rest = all.filter((g) => !shown.includes(g));
  const connections = rest.reduce((sum, g) => sum + (g.connections ?? 0), 0);
  return [paint.dim(`… and ${rest.length} more with ${grouped(connections)} connections`)];
}

function held(g: GatewayLine): string {
  return `${g.connections === null ? '?' : grouped(g.connections)}/${grouped(g.capacity)}`;
}

/** The colour of a state: green while all is well, red when something is wrong. */
export function stateColor(state: GatewayLine['state'], paint: Palette): Paint {
  switch (state) {
    case 'ready':
      return paint.green;
    case 'unreachable':
    case 'dead':
      return paint.red;
    default:
      return paint.yellow;
  }
}

/** A drain: what is left, at what pace, until when, and why. */
export function drainText(drain: DrainLine, now: number, width: number): string[] {
  const pace =
    drain.etaMs === null ? 'paused' : `${drain.ratePerSecond.toFixed(drain.ratePerSecond < 10 ? 1 : 0)}/s, empty in ${span(drain.etaMs)}`;
  const left = drain.deadlineAt > now ? `closes the rest in ${span(drain.deadlineAt - now)}` : 'closes the rest now';
  const text = `${drain.gateway}  ${grouped(drain.remaining)} of ${grouped(drain.initial)} left, ${pace}, ${left}: ${drain.reason}`;
  return indented(wrap(text, width - 4), '  ', '    ');
}

/** A condition that an SRE wants to see: what is not as it should be, or under way. */
export function isRemarkable(condition: Condition): boolean {
  const good = condition.type === 'Available' || condition.type === 'ScalingActive' ? 'True' : 'False';
  return condition.status !== good && condition.type !== 'Draining';
}

/** A condition in a sentence. */
export function conditionText(condition: Condition, width: number, paint: Palette): string[] {
  const bad = condition.type === 'Degraded' || condition.status === 'False';
  const [first = '', ...rest] = wrap(`${condition.type} ${condition.reason}: ${condition.message}`, width - 4);
  const color = bad ? paint.red : paint.yellow;
  return indented([color(first), ...rest], '  ', '    ');
}

/** A decision: when, what, and why. */
export function decisionText(decision: Decision, now: number, width: number, paint: Palette): string[] {
  const ago = `${span(Math.max(0, Math.floor((now - decision.at) / 1_000) * 1_000))} ago`.padStart(AGO_CELLS);
  const more = decision.kind === 'scale' ? decision.reasons.slice(1) : decision.reasons;
  const text = more.length > 0 ? `${decision.summary}; ${more.join('; ')}` : decision.summary;
  const [first = '', ...rest] = wrap(text, width - AGO_CELLS - 2);
  return [`${paint.dim(ago)}  ${first}`, ...rest.map((line) => `${' '.repeat(AGO_CELLS + 2)}${line}`)];
}

/** A titled part of what is shown; nothing when it has no lines. */
export function section(title: string, lines: readonly string[], paint: Palette): string[] {
  return lines.length === 0 ? [] : ['', paint.dim(title), ...lines];
}

function indented(lines: readonly string[], first: string, next: string): string[] {
  return lines.map((line, i) => (i === 0 ? first : next) + line);
}
