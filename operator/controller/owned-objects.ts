import { createHash } from 'node:crypto';
import { LABELS } from '../api/names.ts';
import type { OwnedObject, Owner } from '../fleet/kubernetes/owned.ts';
import type { KubeApi } from '../kube/api.ts';
import type { Informer } from '../kube/informer.ts';
import { type KubeObject, keyOf, RESOURCES, type ResourceType } from '../kube/object.ts';
import { covers } from './covers.ts';

/** The informers of what is owned, by the plural of its type. */
export type OwnedInformers = ReadonlyMap<string, Pick<Informer<KubeObject>, 'get' | 'observe' | 'forget'>>;

/** The name is taken by an object that isn't the ChatCluster's: whoever made it must decide. */
export class ForeignObject extends Error {
  override readonly name = 'ForeignObject';
}

/**
 * Keeps the Services and the like of one ChatCluster as they should be. What they are is known from informers, so that at rest nothing is asked or
 * written; what differs, was changed or deleted by somebody else is applied anew, and foreign fields survive.
 */
export class OwnedObjects {
  readonly #api: Pick<KubeApi, 'get' | 'apply' | 'delete'>;
  readonly #informers: OwnedInformers;
  /** What was applied last, by type and name. Everything is applied once in each tenure: so what an earlier version wanted, and this one doesn't, goes. */
  readonly #applied = new Map<string, string>();

  constructor(api: Pick<KubeApi, 'get' | 'apply' | 'delete'>, informers: OwnedInformers) {
    this.#api = api;
    this.#informers = informers;
  }

  /** Applies what isn't so. Answers what was applied, for people. Rejects with a `ForeignObject` when a name is taken. */
  async ensure(wanted: readonly OwnedObject[]): Promise<readonly string[]> {
    const applied: string[] = [];
    for (const { type, object } of wanted) {
      const { namespace = '', name } = object.metadata;
      const informer = this.#informers.get(type.plural);
      const key = `${type.plural}/${keyOf(namespace, name)}`;
      const text = digest(object);
      const live = informer?.get(namespace, name);
      if (this.#applied.get(key) === text && covers(live, object)) continue;
      if (live === undefined || !isOurs(type, live, object)) await this.#refuseForeign(type, object);
      const answer = await this.#api.apply(type, namespace, object, { force: true });
      informer?.observe(answer);
      this.#applied.set(key, text);
      applied.push(`${type.kind} ${name}`);
    }
    return applied;
  }

  /** Deletes an object that is there, is controlled by the owner and isn't deleted yet. Answers whether it did. */
  async remove(type: ResourceType, { namespace, uid: owner }: Owner, name: string): Promise<boolean> {
    const informer = this.#informers.get(type.plural);
    const isToGo = (object: KubeObject | null | undefined): object is KubeObject =>
      object != null && isControlledBy(object, owner) && object.metadata.deletionTimestamp === undefined;
    if (informer === undefined || !isToGo(informer.get(namespace, name))) return false;
    // Somebody may just have made it their own, which an informer hears of late.
    const there = await this.#api.get(type, namespace, name);
    if (!isToGo(there)) return false;
    const { uid = '', resourceVersion = '' } = there.metadata;
    const left = await this.#api.delete(type, namespace, name, { uid, resourceVersion });
    if (left === null) informer.forget(there);
    else informer.observe(left);
    return true;
  }

  /** Most informers show only what has our label: what is not shown may be somebody else's. */
  async #refuseForeign(type: ResourceType, object: KubeObject): Promise<void> {
    const { namespace = '', name } = object.metadata;
    const there = await this.#api.get(type, namespace, name);
    if (there === null || isOurs(type, there, object)) return;
    throw new ForeignObject(
      `${type.kind} ${name} is there already and is not this ChatCluster's; delete or rename it, or give the ChatCluster another name.`,
    );
  }
}

/** What has the label or the owner of `object` is ours; a ChatCluster only with the owner, for to take over another one is to delete it one day. */
function isOurs(type: ResourceType, there: KubeObject, { metadata: { labels, ownerReferences = [] } }: KubeObject): boolean {
  if (type === RESOURCES.chatclusters) return ownerReferences.some(({ uid }) => isControlledBy(there, uid));
  const isOwned = there.metadata.ownerReferences?.some(({ uid }) => ownerReferences.some((owner) => owner.uid === uid)) === true;
  return isOwned || there.metadata.labels?.[LABELS.cluster] === labels?.[LABELS.cluster];
}

function isControlledBy({ metadata }: KubeObject, uid: string): boolean {
  return metadata.ownerReferences?.some((owner) => owner.uid === uid && owner.controller === true) === true;
}

function digest(object: KubeObject): string {
  return createHash('sha256').update(JSON.stringify(object)).digest('base64url');
}
