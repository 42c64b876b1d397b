import type { KubeApi } from '../../kube/api.ts';
import { KubeError } from '../../kube/error.ts';
import type { Informer } from '../../kube/informer.ts';
import { RESOURCES } from '../../kube/object.ts';
import type { Pod } from './pod.ts';
import { drainAnnotationsOf, isCordoned, isReady } from './pod-facts.ts';

/** A Pod changes by itself now and then while we delete it. */
const TRIES = 5;

/**
 * Deletes exactly this Pod, as long as it is what somebody decided on; else rejects, and it must be decided again. That it is gone already is no error.
 * `pod` is what is known now, `decidedOn` what was known then.
 */
export async function deletePod(
  context: { readonly api: KubeApi; readonly pods: Pick<Informer<Pod>, 'observe' | 'forget'> },
  { pod, decidedOn, gracePeriodSeconds }: { readonly pod: Pod; readonly decidedOn: Pod; readonly gracePeriodSeconds: number },
): Promise<void> {
  const { api, pods } = context;
  const { namespace = '', name, uid = '' } = pod.metadata;
  let present = pod;
  for (let tries = 1; ; tries++) {
    if (hasChanged(decidedOn, present)) throw new Error(`Pod ${name} changed after it was decided to delete it`);
    const { resourceVersion = '' } = present.metadata;
    try {
      const left = await api.delete<Pod>(RESOURCES.pods, namespace, name, { uid, resourceVersion, gracePeriodSeconds });
      if (left === null) pods.forget(present);
      else pods.observe(left);
      return;
    } catch (error) {
      if (!(error instanceof KubeError) || error.kind !== 'conflict' || tries === TRIES) throw error;
    }
    const fresh = await api.get<Pod>(RESOURCES.pods, namespace, name);
    if (fresh === null || fresh.metadata.uid !== uid) {
      pods.forget(present);
      return;
    }
    pods.observe(fresh);
    present = fresh;
  }
}

/** Whether what a decision to delete it rests on, beside its connections, isn't so any more. */
export function hasChanged(before: Pod, now: Pod): boolean {
  if (isReady(now) && !isReady(before)) return true;
  return isCordoned(before) !== isCordoned(now) || drainAnnotationsOf(before) !== drainAnnotationsOf(now);
}
