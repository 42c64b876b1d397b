import { setTimeout as sleep } from 'node:timers/promises';
import { type Output, show } from '../output.ts';
import { clusterStatusOf, podsOf } from './cluster-status.ts';
import { onKubernetes } from './command.ts';
import { passingTrouble } from './failures.ts';
import { findCluster } from './find.ts';
import { renderTop } from './render-top.ts';
import { type Samples, sampleAll } from './sampler.ts';
import type { KubeChoice } from './target.ts';
import { topData, topOf } from './top.ts';

/** Rates are counted over so long, and with --watch it is shown so often, ms. */
const INTERVAL_MS = 2_000;
/** For the first picture nobody waits longer, ms. */
const FIRST_INTERVAL_MS = 1_000;

/** What each gateway of a ChatCluster does now. */
export function showTop(
  name: string | undefined,
  choice: KubeChoice,
  how: { readonly output: Output; readonly watch: boolean },
): Promise<void> {
  return onKubernetes(choice, async (connection) => {
    const metricsOf = connection.metricsOf.bind(connection);
    let before: Samples | null = null;
    await show(
      async (signal) => {
        const cluster = await findCluster(connection, name, signal);
        const pods = await podsOf(connection, cluster, signal);
        if (before === null) {
          before = await sampleAll(pods, metricsOf, signal);
          if (before.samples.size > 0) await sleep(FIRST_INTERVAL_MS, undefined, { signal });
        }
        const after = await sampleAll(pods, metricsOf, signal);
        const top = topOf(clusterStatusOf(cluster, pods), before, after);
        before = after;
        return { data: topData(top), text: (look) => renderTop(top, look) };
      },
      { ...how, everyMs: INTERVAL_MS, passing: passingTrouble },
    );
  });
}
