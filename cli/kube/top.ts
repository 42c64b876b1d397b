import type { KubeClusterStatus } from './cluster-status.ts';
import { sentence } from './failures.ts';
import type { PodLine } from './pod-line.ts';
import { ratesBetween, type Samples } from './sampler.ts';

/** What a gateway does now. Null: not known. */
export interface TopLine {
  readonly name: string;
  readonly state: PodLine['state'];
  readonly connections: number | null;
  readonly capacity: number | null;
  /** Connections asked to move in a second. */
  readonly movedPerSecond: number | null;
  /** Messages written to connections in a second. */
  readonly deliveredPerSecond: number | null;
  /** In cores. */
  readonly cpu: number | null;
  readonly memoryBytes: number | null;
}

export interface Top {
  readonly cluster: KubeClusterStatus;
  readonly gateways: readonly TopLine[];
  /** Why figures are missing, a line each. */
  readonly notes: readonly string[];
}

/** Puts together what was asked of the gateways twice. Counters of two gateways of one name never mix: names are never used again. */
export function topOf(cluster: KubeClusterStatus, before: Samples, after: Samples): Top {
  const gateways = cluster.gateways.map(({ name, state }): TopLine => {
    const [first, second] = [before.samples.get(name), after.samples.get(name)];
    const rates = first === undefined || second === undefined ? null : ratesBetween(first, second);
    return {
      name,
      state,
      connections: second?.figures.connections ?? null,
      capacity: second?.figures.capacity ?? null,
      movedPerSecond: rates?.moved ?? null,
      deliveredPerSecond: rates?.delivered ?? null,
      cpu: rates?.cpu ?? null,
      memoryBytes: second?.figures.memoryBytes ?? null,
    };
  });
  return { cluster, gateways, notes: notesOf(cluster, after) };
}

/** For programs. */
export function topData({ cluster: { namespace, name, status }, gateways }: Top): object {
  const { connections, capacity, utilization } = status;
  return { namespace, name, connections, capacity, utilization, gateways };
}

function notesOf({ namespace }: KubeClusterStatus, { forbidden, problems }: Samples): string[] {
  if (forbidden !== null)
    return [`No figures of single gateways: ${forbidden}. A Role with the verb get on pods/proxy in namespace ${namespace} gives them.`];
  const [first, ...more] = problems;
  if (first === undefined) return [];
  const [name, why] = first;
  return [`No figures of ${name}. ${sentence(why)}`, ...(more.length === 0 ? [] : [`Nor of ${more.map(([other]) => other).join(', ')}.`])];
}
