import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeApi } from '../kube/api.ts';
import { KubeError } from '../kube/error.ts';
import { type KubeObject, keyOf, RESOURCES } from '../kube/object.ts';

/** How ChatClusters are seen off while there is still an operator that drains them. */
export interface Removal {
  /** Those looked after; `null`: all. */
  readonly namespaces: readonly string[] | null;
  /** `namespace/name` of those that belong to what is removed. */
  readonly own: readonly string[];
  /** What becomes of all the others: nothing is done at all while there are any, or they are deleted too. */
  readonly others: 'Refuse' | 'Delete';
  /** How long they may take to drain, ms. */
  readonly timeoutMs: number;
}

/** refused: others are there, and nothing was deleted. late: these still drain; doing it again goes on with them. */
export type RemovalResult = { readonly kind: 'removed' } | { readonly kind: 'refused' | 'late'; readonly left: readonly string[] };

const POLL_MS = 1_000;

/** Deletes ChatClusters and waits until they are gone, with those that belong to them. `say` is told which are left whenever that changes. */
export async function removeClusters(api: KubeApi, removal: Removal, say: (left: readonly string[]) => void): Promise<RemovalResult> {
  const found = await clusters(api, removal.namespaces);
  // A farm for long polling goes with the one that has it, which would only make it anew.
  const uids = new Set([...found.values()].map(({ metadata }) => metadata.uid));
  const byThemselves = [...found].filter(([, { metadata }]) => metadata.ownerReferences?.some(({ uid }) => uids.has(uid)) !== true);
  const others = byThemselves.map(([key]) => key).filter((key) => !removal.own.includes(key));
  if (removal.others === 'Refuse' && others.length > 0) return { kind: 'refused', left: others };
  for (const [, { metadata }] of byThemselves) {
    await api.delete(
      RESOURCES.chatclusters,
      metadata.namespace ?? null,
      metadata.name,
      metadata.uid === undefined ? {} : { uid: metadata.uid },
    );
  }
  const deadline = performance.now() + removal.timeoutMs;
  let told = '';
  for (;;) {
    const left = [...(await clusters(api, removal.namespaces)).keys()];
    if (left.length === 0) return { kind: 'removed' };
    if (left.join() !== told) say(left);
    told = left.join();
    if (performance.now() >= deadline) return { kind: 'late', left };
    await sleep(POLL_MS);
  }
}

/** By `namespace/name`. None when the API server doesn't know ChatClusters. */
async function clusters(api: KubeApi, namespaces: readonly string[] | null): Promise<Map<string, KubeObject>> {
  const lists = await Promise.all((namespaces ?? [null]).map((namespace) => inNamespace(api, namespace)));
  return new Map(lists.flat().map((cluster) => [keyOf(cluster.metadata.namespace, cluster.metadata.name), cluster]));
}

async function inNamespace(api: KubeApi, namespace: string | null): Promise<readonly KubeObject[]> {
  try {
    return (await api.list(RESOURCES.chatclusters, namespace)).items;
  } catch (error) {
    if (error instanceof KubeError && error.kind === 'not-found') return [];
    throw error;
  }
}
