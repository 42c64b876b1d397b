import { isRemarkable } from '../../operator/status/render.ts';
import { grouped, palette } from '../../operator/status/text.ts';
import type { Look } from '../output.ts';
import { type Column, table } from '../table.ts';
import type { ClusterSummary } from './cluster-status.ts';
import { ageOf, conditionOf } from './render-status.ts';

/** One line for each ChatCluster of all namespaces. `now`: wall clock, ms. */
export function renderOverview(clusters: readonly ClusterSummary[], now: number, look: Look): string {
  const paint = palette(look.color);
  if (clusters.length === 0) return paint.dim('No ChatClusters.');
  const columns: Column<ClusterSummary>[] = [
    { heading: 'NAMESPACE', align: 'left', cell: ({ namespace }) => namespace },
    { heading: 'NAME', align: 'left', cell: ({ name }) => name },
    { heading: 'READY', align: 'right', cell: readyOf, paint: (row) => (isSettled(row) ? paint.green : paint.yellow) },
    {
      heading: 'CONNECTIONS',
      align: 'right',
      cell: ({ status }) => (status.connections === undefined ? '-' : grouped(status.connections)),
    },
    { heading: 'USED', align: 'right', cell: ({ status }) => status.utilization ?? '-' },
    { heading: 'DRAINING', align: 'right', cell: ({ status }) => String(status.draining ?? '-'), dispensable: 1 },
    { heading: 'AGE', align: 'right', cell: ({ createdAt }) => ageOf(createdAt, now), dispensable: 2 },
    { heading: 'NOTE', align: 'left', cell: noteOf, paint: () => paint.yellow },
  ];
  return table(columns, clusters, Math.max(40, look.width), paint).join('\n');
}

function readyOf({ status }: ClusterSummary): string {
  return `${status.readyReplicas ?? 0}/${status.desiredReplicas ?? '-'}`;
}

function isSettled({ status }: ClusterSummary): boolean {
  return (
    status.desiredReplicas !== undefined && status.readyReplicas === status.desiredReplicas && status.replicas === status.readyReplicas
  );
}

function noteOf({ removing, paused, status }: ClusterSummary): string {
  const remarkable = (status.conditions ?? []).map(conditionOf).filter(isRemarkable);
  return [
    ...(removing ? ['being deleted'] : []),
    ...(paused.up || paused.down ? [`scaling${paused.up && paused.down ? '' : paused.up ? ' up' : ' down'} paused`] : []),
    ...(status.observedGeneration === undefined ? ['not seen by an operator'] : []),
    ...remarkable.map(({ reason }) => reason),
  ].join(', ');
}
