import type { EndpointSlice, Pod } from './pod.ts';

/** By which EndpointSlices name their Service. */
export const SERVICE_LABEL = 'kubernetes.io/service-name';

/** The Pods that slices of a Service lead new clients to, by uid (or name, where the slice has no more). */
export type ListedPods = ReadonlySet<string>;

/** An endpoint that isn't ready is led to by nobody; "not known" counts as ready, as it does for proxies. */
export function listedPods(slices: Iterable<EndpointSlice>): ListedPods {
  const listed = new Set<string>();
  for (const { endpoints } of slices) {
    for (const { targetRef, conditions } of endpoints ?? []) {
      const pod = targetRef?.kind === 'Pod' ? (targetRef.uid ?? targetRef.name) : undefined;
      if (pod !== undefined && conditions?.ready !== false) listed.add(pod);
    }
  }
  return listed;
}

export function isListed(listed: ListedPods, { metadata: { uid = '', name } }: Pod): boolean {
  return listed.has(uid) || listed.has(name);
}
