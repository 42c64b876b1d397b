import { createHash } from 'node:crypto';
import { LABELS } from '../api/names.ts';
import type { OwnedObject } from '../fleet/kubernetes/owned.ts';
import type { KubeApi } from '../kube/api.ts';
import type { Informer } from '../kube/informer.ts';
import { type KubeObject, keyOf, type ResourceType } from '../kube/object.ts';
import { covers } from './covers.ts';

/** The informers of what is owned, by the plural of its type. */
export type OwnedInformers = ReadonlyMap<string, Informer<KubeObject>>;

/** The name is taken by an object that isn't the ChatCluster's: whoever made it must decide. */
export class ForeignObject extends Error {
  override readonly name = 'ForeignObject';
}

/**
 * Keeps the Services and the like of one ChatCluster as they should be. What they are is known from informers, so that at rest nothing is asked or
 * written; what differs, was changed or deleted by somebody else is applied anew, and foreign fields survive.
 */
export class OwnedObjects {
  readonly #api: Pick<KubeApi, 'get' | 'apply'>;
  readonly #informers: OwnedInformers;
  /** What was applied last, by type and name. Everything is applied once in each tenure: so what an earlier version wanted, and this one doesn't, goes. */
  readonly #applied = new Map<string, string>();

  constructor(api: Pick<KubeApi, 'get' | 'apply'>, informers: OwnedInformers) {
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
      if (live === undefined) await this.#refuseForeign(type, object);
      const answer = await this.#api.apply(type, namespace, object, { force: true });
      informer?.observe(answer);
      this.#applied.set(key, text);
      applied.push(`${type.kind} ${name}`);
    }
    return applied;
  }

  /** Its informer shows only what has our label: what is not shown may be somebody else's. */
  async #refuseForeign(type: ResourceType, { metadata }: KubeObject): Promise<void> {
    const { namespace = '', name, labels, ownerReferences } = metadata;
    const there = await this.#api.get(type, namespace, name);
    if (there === null) return;
    const cluster = labels?.[LABELS.cluster];
    const isLabelled = there.metadata.labels?.[LABELS.cluster] === cluster;
    const isOwned = there.metadata.ownerReferences?.some(({ uid }) => ownerReferences?.some((owner) => owner.uid === uid)) === true;
    if (isLabelled || isOwned) return;
    throw new ForeignObject(
      `${type.kind} ${name} is there already and is not this ChatCluster's; delete or rename it, or give the ChatCluster another name.`,
    );
  }
}

function digest(object: KubeObject): string {
  return createHash('sha256').update(JSON.stringify(object)).digest('base64url');
}
