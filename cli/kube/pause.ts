import { controlsOf } from '../../operator/api/controls.ts';
import { ANNOTATIONS } from '../../operator/api/names.ts';
import type { Controls } from '../../operator/api/spec.ts';
import { KubeError } from '../../operator/kube/error.ts';
import { RESOURCES } from '../../operator/kube/object.ts';
import { onKubernetes } from './command.ts';
import { findCluster } from './find.ts';
import type { KubeChoice } from './target.ts';

type Directions = Controls['paused'];

/** Others write to it too, its operator most of all. */
const TRIES = 5;

/** Pauses scaling in these directions, or resumes it; the other direction stays as it was. */
export function setPaused(name: string | undefined, choice: KubeChoice, verb: 'pause' | 'resume', directions: Directions): Promise<void> {
  return onKubernetes(choice, async (connection) => {
    for (let left = TRIES - 1; ; left--) {
      const cluster = await findCluster(connection, name);
      const paused = changed(controlsOf({ ...cluster.metadata }).paused, verb, directions);
      try {
        await connection.annotate(RESOURCES.chatclusters, cluster, { [ANNOTATIONS.pauseScaling]: annotationOf(paused) }, true);
      } catch (error) {
        if (left > 0 && error instanceof KubeError && error.kind === 'conflict') continue;
        throw error;
      }
      process.stdout.write(`${pausedText(cluster.metadata.name, paused)}\n`);
      return;
    }
  });
}

export function changed(before: Directions, verb: 'pause' | 'resume', { up, down }: Directions): Directions {
  return verb === 'pause' ? { up: before.up || up, down: before.down || down } : { up: before.up && !up, down: before.down && !down };
}

/** The annotation's value; null takes it away. */
export function annotationOf({ up, down }: Directions): 'up' | 'down' | 'both' | null {
  if (up) return down ? 'both' : 'up';
  return down ? 'down' : null;
}

export function pausedText(name: string, { up, down }: Directions): string {
  if (up && down) return `Scaling of ${name} is paused: the number of gateways stays as it is.`;
  if (up) return `Scaling of ${name} is paused upwards: no gateway is added, some may still be removed.`;
  if (down) return `Scaling of ${name} is paused downwards: no gateway is removed, some may still be added.`;
  return `Scaling of ${name} goes on, up and down.`;
}
