import type { Informer } from '../kube/informer.ts';
import type { KubeObject } from '../kube/object.ts';

/** Pods that a ChatCluster owns and that are there, in whatever state. */
export function countPods(pods: Pick<Informer<KubeObject>, 'list'>, { metadata: { uid } }: KubeObject): number {
  return pods.list().filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid)).length;
}
