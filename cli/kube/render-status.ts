import { conditionText, decisionText, drainText, isRemarkable, section, stateColor } from '../../operator/status/render.ts';
import type { ResourceCondition, ResourceDecision, ResourceDrain } from '../../operator/status/resource-status.ts';
import type { Condition, Decision, DrainLine } from '../../operator/status/status.ts';
import { grouped, type Palette, palette, span, wrap } from '../../operator/status/text.ts';
import type { Look } from '../output.ts';
import { type Column, table } from '../table.ts';
import type { KubeClusterStatus } from './cluster-status.ts';
import type { PodLine } from './pod-line.ts';

/** Decisions that are shown. */
const DECISIONS = 8;

/** A ChatCluster on Kubernetes as text for people: a headline, its gateways, the drains, what is out of the ordinary, the last decisions. `now`: wall clock, ms. */
export function renderKubeStatus(cluster: KubeClusterStatus, now: number, look: Look): string {
  const paint = palette(look.color);
  const width = Math.max(40, look.width);
  const { drains = [], conditions = [], decisions = [] } = cluster.status;
  return [
    ...headline(cluster, width, paint),
    ...figures(cluster, width, paint),
    ...notesOf(cluster).flatMap((note) => wrap(note, width).map(paint.yellow)),
    '',
    ...gatewayTable(cluster.gateways, now, width, paint),
    ...section(
      'DRAINS',
      drains.flatMap((drain) => drainText(drainLineOf(drain), now, width)),
      paint,
    ),
    ...section(
      'CONDITIONS',
      conditions.map(conditionOf).flatMap((condition) => (isRemarkable(condition) ? conditionText(condition, width, paint) : [])),
      paint,
    ),
    ...section(
      'DECISIONS',
      decisions.slice(0, DECISIONS).flatMap((decision) => decisionText(decisionOf(decision), now, width, paint)),
      paint,
    ),
  ].join('\n');
}

/** Its name, and how many gateways there are and should be; on two lines where one is too short. */
export function headline({ namespace, name, status, gateways }: KubeClusterStatus, width: number, paint: Palette): string[] {
  const ready = gateways.filter(({ state }) => state === 'ready').length;
  const desired = status.desiredReplicas;
  const words = `${gateways.length === 1 ? '1 gateway' : `${gateways.length} gateways`}, ${ready} ready, ${desired === undefined ? 'nothing decided yet' : `${desired} desired`}`;
  const settled = ready === desired && gateways.length === ready;
  const title = `${paint.dim(`${namespace}/`)}${paint.bold(name)}`;
  const told = settled ? paint.green(words) : paint.yellow(words);
  return `${namespace}/${name}  ${words}`.length <= width ? [`${title}  ${told}`] : [title, told];
}

/** Connections, room and pace in a line, as far as they are known. */
export function figures({ status }: KubeClusterStatus, width: number, paint: Palette): string[] {
  const { connections, capacity, utilization, drains = [] } = status;
  if (connections === undefined) return [];
  const rate = drains.reduce((sum, drain) => sum + drain.ratePerSecond, 0);
  const words = [
    `${grouped(connections)} connections`,
    ...(capacity === undefined ? [] : [`room for ${grouped(capacity)}`]),
    ...(utilization === undefined ? [] : [`${utilization} used`]),
    ...(rate > 0 ? [`${grouped(rate)} moved/s`] : []),
  ];
  return wrap(words.join(' · '), width).map(paint.dim);
}

/** What people must know before they read on. */
export function notesOf({ paused, removing, observed, status }: KubeClusterStatus): string[] {
  const isNew = status.observedGeneration === undefined;
  return [
    ...(removing ? ['It is being deleted: its gateways go.'] : []),
    ...(isNew ? ['Its operator has not seen it yet. Does it run, and watch this namespace?'] : []),
    ...(observed || isNew ? [] : ['Its operator has not seen the last change of its spec yet.']),
    ...(paused.up || paused.down ? [`Scaling ${paused.up && paused.down ? '' : paused.up ? 'up ' : 'down '}is paused.`] : []),
  ];
}

function gatewayTable(gateways: readonly PodLine[], now: number, width: number, paint: Palette): string[] {
  if (gateways.length === 0) return [paint.dim('No gateways.')];
  const isOneRevision = new Set(gateways.map(({ revision }) => revision)).size === 1;
  const columns: Column<PodLine>[] = [
    { heading: 'GATEWAY', align: 'left', cell: ({ name }) => name },
    { heading: 'STATE', align: 'left', cell: ({ state }) => state, paint: ({ state }) => stateColor(state, paint) },
    { heading: 'AGE', align: 'right', cell: ({ createdAt }) => ageOf(createdAt, now) },
    { heading: 'REVISION', align: 'left', cell: ({ revision }) => (isOneRevision ? '' : revision), dispensable: 1 },
    { heading: 'NODE', align: 'left', cell: ({ node }) => node ?? '', dispensable: 2 },
    { heading: 'NOTE', align: 'left', cell: noteOf, paint: ({ trouble }) => (trouble === null ? paint.dim : paint.red) },
  ];
  return table(columns, gateways, width, paint);
}

function noteOf({ drainRequested, state, restarts, trouble }: PodLine): string {
  return [
    ...(trouble === null ? [] : [trouble]),
    ...(drainRequested && state !== 'terminating' ? ['drain asked for'] : []),
    ...(restarts === 0 ? [] : [restarts === 1 ? '1 restart' : `${restarts} restarts`]),
  ].join(', ');
}

/** In the largest unit: "5 min". */
export function ageOf(createdAt: number, now: number): string {
  if (!Number.isFinite(createdAt)) return '';
  return span(Math.max(0, Math.floor((now - createdAt) / 1_000)) * 1_000)
    .replace('0.0 s', '0 s')
    .split(' ')
    .slice(0, 2)
    .join(' ');
}

export function drainLineOf(drain: ResourceDrain): DrainLine {
  const { gateway, reason, initial, remaining, ratePerSecond, startedAt, deadlineAt, etaSeconds } = drain;
  return {
    gateway,
    reason,
    initial,
    remaining,
    ratePerSecond,
    startedAt: Date.parse(startedAt),
    deadlineAt: Date.parse(deadlineAt),
    etaMs: etaSeconds === undefined ? null : etaSeconds * 1_000,
  };
}

export function decisionOf({ time, gateway, ...decision }: ResourceDecision): Decision {
  return { ...decision, at: Date.parse(time), gateway: gateway ?? null };
}

export function conditionOf({ type, status, reason, message }: ResourceCondition): Condition {
  return { type, status, reason, message };
}
