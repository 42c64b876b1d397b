import type { EventNote, EventRecorder } from '../kube/event-recorder.ts';
import type { Informer } from '../kube/informer.ts';
import { apiVersionOf, type KubeObject, RESOURCES, type ResourceType } from '../kube/object.ts';
import type { ChatClusterObject } from './status-store.ts';

/** Tells an Event about a ChatCluster, and about one of its gateways' Pods too where that is named and still there. */
export function tellerOf(
  recorder: Pick<EventRecorder, 'record'>,
  pods: Pick<Informer<KubeObject>, 'get'>,
): (about: ChatClusterObject, event: EventNote, gateway?: string | null) => void {
  return (about, event, gateway = null) => {
    recorder.record(typed(RESOURCES.chatclusters, about), event);
    const pod = gateway === null ? undefined : pods.get(about.metadata.namespace ?? '', gateway);
    if (pod !== undefined) recorder.record(typed(RESOURCES.pods, pod), event);
  };
}

/** Items of a list say neither their version nor their kind. */
function typed(type: ResourceType, { metadata }: KubeObject) {
  return { apiVersion: apiVersionOf(type), kind: type.kind, metadata };
}
