import { decisionText, drainText, section } from '../../operator/status/render.ts';
import type { ResourceCondition, ResourceDecision } from '../../operator/status/resource-status.ts';
import { type Palette, palette, span, wrap } from '../../operator/status/text.ts';
import type { Look } from '../output.ts';
import type { KubeClusterStatus } from './cluster-status.ts';
import { decisionOf, drainLineOf, headline, notesOf } from './render-status.ts';

/** Why there are this many gateways, what is still on the way, and why those that go were chosen, as text for people. `now`: wall clock, ms. */
export function renderExplanation(cluster: KubeClusterStatus, now: number, look: Look): string {
  const paint = palette(look.color);
  const width = Math.max(40, look.width);
  const { drains = [], decisions = [], lastDecision } = cluster.status;
  const ended = decisions.filter(({ kind, gateway }) => kind !== 'scale' && !drains.some((drain) => drain.gateway === gateway));
  return [
    ...headline(cluster, width, paint),
    ...notesOf(cluster).flatMap((note) => wrap(note, width).map(paint.yellow)),
    ...section('WHY THIS MANY', items(whyThisMany(cluster, lastDecision, now), width, paint), paint),
    ...section('ON THE WAY', items(onTheWay(cluster), width, paint), paint),
    ...section(
      'WHY THESE GO',
      drains.flatMap((drain) => drainText(drainLineOf(drain), now, width)),
      paint,
    ),
    ...section(
      'DONE LATELY',
      ended.flatMap((decision) => decisionText(decisionOf(decision), now, width, paint)),
      paint,
    ),
  ].join('\n');
}

/** The decision with each of its reasons, what holds the number back, and what the load says now where that differs. */
function whyThisMany({ status }: KubeClusterStatus, last: ResourceDecision | undefined, now: number): string[] {
  if (last === undefined) return ['Nothing was decided yet.'];
  const active = conditionOf(status.conditions, 'ScalingActive');
  const limited = conditionOf(status.conditions, 'ScalingLimited');
  const [first, ...more] = last.reasons;
  const decided = `${last.summary} (decided ${span(Math.max(0, now - Date.parse(last.time)))} ago)`;
  const told = first !== undefined && last.summary.includes(first) ? more : last.reasons;
  const presently = active?.message.replace(/\.$/, '');
  const isNews = presently !== undefined && presently !== last.reasons.join('; ');
  return [
    decided,
    ...told,
    ...(isNews ? [`${active?.status === 'True' ? 'now' : 'no decision is possible now'}: ${presently}`] : []),
    ...(limited?.status === 'True' ? [`limit: ${limited.message}`] : []),
  ];
}

/** What is to come, and what stands in its way. */
function onTheWay({ status, gateways }: KubeClusterStatus): string[] {
  const progressing = conditionOf(status.conditions, 'Progressing');
  const degraded = conditionOf(status.conditions, 'Degraded');
  return [
    ...(progressing === undefined ? [] : [progressing.message]),
    ...(degraded?.status === 'True' ? [degraded.message] : []),
    ...gateways.flatMap(({ name, trouble }) => (trouble === null ? [] : [`${name} is not ready: ${trouble}`])),
    ...gateways.flatMap(({ name, drainRequested, state }) =>
      drainRequested && (state === 'ready' || state === 'cordoned') ? [`${name} is to be drained, somebody asked for it`] : [],
    ),
  ];
}

function items(lines: readonly string[], width: number, paint: Palette): string[] {
  return lines.flatMap((line, i) =>
    wrap(line, width - 4).map((part, j) => (j === 0 ? `  ${i === 0 ? part : `${paint.dim('·')} ${part}`}` : `    ${part}`)),
  );
}

function conditionOf(conditions: readonly ResourceCondition[] | undefined, type: ResourceCondition['type']): ResourceCondition | undefined {
  return conditions?.find((condition) => condition.type === type);
}
