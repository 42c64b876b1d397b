import { type Output, show } from '../output.ts';
import { readOverview, readStatus, statusData } from './cluster-status.ts';
import { onKubernetes } from './command.ts';
import { passingTrouble } from './failures.ts';
import { renderOverview } from './render-overview.ts';
import { renderKubeStatus } from './render-status.ts';
import type { KubeChoice } from './target.ts';

interface How {
  readonly output: Output;
  readonly watch: boolean;
}

/** Many may watch one Kubernetes: it is asked this often, ms. */
const WATCH_MS = 2_000;

/** The status of one ChatCluster. */
export function showOne(name: string | undefined, choice: KubeChoice, how: How): Promise<void> {
  return onKubernetes(choice, (connection) =>
    show(
      async (signal) => {
        const found = await readStatus(connection, name, signal);
        return { data: statusData(found), text: (look) => renderKubeStatus(found, Date.now(), look) };
      },
      { ...how, everyMs: WATCH_MS, passing: passingTrouble },
    ),
  );
}

/** A line for each ChatCluster of every namespace. */
export function showAll(choice: KubeChoice, how: How): Promise<void> {
  return onKubernetes(choice, (connection) =>
    show(
      async (signal) => {
        const found = await readOverview(connection, signal);
        return { data: { items: found.map(statusData) }, text: (look) => renderOverview(found, Date.now(), look) };
      },
      { ...how, everyMs: WATCH_MS, passing: passingTrouble },
    ),
  );
}
