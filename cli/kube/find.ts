import { LABELS } from '../../operator/api/names.ts';
import { nearest } from '../../operator/api/nearest.ts';
import type { Pod } from '../../operator/fleet/kubernetes/pod.ts';
import type { KubeApi } from '../../operator/kube/api.ts';
import { type KubeObject, RESOURCES } from '../../operator/kube/object.ts';
import type { ResourceStatus } from '../../operator/status/resource-status.ts';
import { Failure } from '../failure.ts';

/** A ChatCluster, as far as commands read it. */
export interface ClusterResource extends KubeObject {
  readonly status?: Partial<ResourceStatus>;
}

/** Where a name is looked up. */
export interface Place {
  readonly api: Pick<KubeApi, 'get' | 'list'>;
  readonly namespace: string;
}

/** Names that are listed in one sentence. */
const LISTED = 10;

/** The ChatCluster of this name, or the only one of the namespace. Throws a Failure that lists those that there are. */
export async function findCluster({ api, namespace }: Place, name: string | undefined, signal?: AbortSignal): Promise<ClusterResource> {
  const options = signal === undefined ? {} : { signal };
  if (name !== undefined) {
    const found = await api.get<ClusterResource>(RESOURCES.chatclusters, namespace, withoutKind(name, CLUSTER_KINDS), options);
    if (found !== null) return found;
  }
  const { items } = await api.list<ClusterResource>(RESOURCES.chatclusters, namespace, options);
  const [first, ...more] = items;
  if (name === undefined && first !== undefined && more.length === 0) return first;
  throw new Failure(
    name === undefined ? whichOf(namespace, items) : noneNamed('ChatCluster', withoutKind(name, CLUSTER_KINDS), namespace, items),
  );
}

/** The Pod of a gateway. Throws a Failure that names near ones, or those that there are. */
export async function findGateway({ api, namespace }: Place, name: string): Promise<Pod> {
  const wanted = withoutKind(name, POD_KINDS);
  const found = await api.get<Pod>(RESOURCES.pods, namespace, wanted);
  if (found?.metadata.labels?.[LABELS.cluster] !== undefined) return found;
  if (found !== null) throw new Failure(`${wanted} in namespace ${namespace} is a Pod, but no gateway of a ChatCluster.`);
  const { items } = await api.list<Pod>(RESOURCES.pods, namespace, { labelSelector: LABELS.cluster });
  throw new Failure(noneNamed('gateway', wanted, namespace, items));
}

const CLUSTER_KINDS = /^(chatclusters?(\.chatcluster\.io)?|chat)\//;
const POD_KINDS = /^(pods?|po)\//;

/** "pod/chat-3" as "chat-3": what other commands print can be given to ours. */
function withoutKind(name: string, kinds: RegExp): string {
  return name.replace(kinds, '');
}

function whichOf(namespace: string, clusters: readonly KubeObject[]): string {
  if (clusters.length === 0)
    return `There is no ChatCluster in namespace ${namespace}: name another namespace by -n, or look with "kubectl get chatclusters -A".`;
  return `There are ${clusters.length} ChatClusters in namespace ${namespace}: say which, ${listed(clusters, 'or')}.`;
}

function noneNamed(what: string, name: string, namespace: string, all: readonly KubeObject[]): string {
  const near = nearest(
    name,
    all.map(({ metadata }) => metadata.name),
  );
  const none = `There is no ${what} "${name}" in namespace ${namespace}`;
  if (near !== null) return `${none}; did you mean ${near}?`;
  if (all.length === 0) return `${none}, and no other: name another namespace by -n.`;
  return `${none}; there ${all.length === 1 ? 'is' : 'are'} ${listed(all, 'and')}.`;
}

/** "a, b and c". */
export function listed(objects: readonly KubeObject[], last: 'and' | 'or'): string {
  const names = objects.slice(0, LISTED).map(({ metadata }) => metadata.name);
  const rest = objects.length - names.length;
  const words = rest > 0 ? [...names, `${rest} more`] : names;
  const end = words.at(-1) ?? '';
  return words.length < 2 ? end : `${words.slice(0, -1).join(', ')} ${last} ${end}`;
}
