import type { KubeApi } from '../kube/api.ts';
import type { KubeObject, ResourceType } from '../kube/object.ts';

const CRDS: ResourceType = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
};

/** As Helm, which installs it, calls itself: owned by another, a later `helm install` could not change it. */
const HELM = 'helm';

/**
 * absent: nobody installed it, so there is nothing to upgrade. unchanged: it was so already. upgraded: it is now as given.
 * older: the one that is there serves versions that the given one doesn't know, so it was left alone.
 */
export type CrdUpgrade =
  | { readonly kind: 'absent' | 'unchanged' | 'upgraded' }
  | { readonly kind: 'older'; readonly versions: readonly string[] };

interface Crd extends KubeObject {
  readonly spec: { readonly versions: readonly { readonly name: string }[] };
  readonly status?: { readonly storedVersions?: readonly string[] };
}

/** Makes the CustomResourceDefinition that is there as the given one, and never takes away a version that objects may be stored in. */
export async function upgradeCrd(api: KubeApi, wanted: unknown): Promise<CrdUpgrade> {
  if (!isCrd(wanted)) throw new Error('The file is no CustomResourceDefinition.');
  const before = await api.get<Crd>(CRDS, null, wanted.metadata.name);
  if (before === null) return { kind: 'absent' };
  const known = new Set(wanted.spec.versions.map(({ name }) => name));
  const lost = (before.status?.storedVersions ?? []).filter((version) => !known.has(version));
  if (lost.length > 0) return { kind: 'older', versions: lost };
  const after = await api.apply<Crd>(CRDS, null, wanted, { force: true, manager: HELM });
  return { kind: after.metadata.generation === before.metadata.generation ? 'unchanged' : 'upgraded' };
}

function isCrd(object: unknown): object is Crd {
  if (typeof object !== 'object' || object === null) return false;
  const { kind, metadata, spec } = object as Partial<Crd>;
  return kind === CRDS.kind && typeof metadata?.name === 'string' && Array.isArray(spec?.versions);
}
