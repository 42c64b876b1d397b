import { KubeError } from '../../operator/kube/error.ts';
import { type KubeObject, keyOf, type ResourceType } from '../../operator/kube/object.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Objects of an API server in memory, with versions and conflicts as it has them; `calls` tells what was asked. */
export class KubeObjects {
  readonly calls: string[] = [];
  /** Thrown by the next call that writes. */
  failNext: KubeError | null = null;
  readonly #objects = new Map<string, KubeObject>();
  #version = 0;

  /** As somebody else would write it. */
  put<T extends KubeObject>(type: ResourceType, object: T): T {
    const { namespace, name } = object.metadata;
    const written = { ...object, metadata: { uid: `uid-${name}`, ...object.metadata, resourceVersion: String(++this.#version) } };
    this.#objects.set(`${type.plural} ${keyOf(namespace, name)}`, written);
    return written;
  }

  /** As somebody else deletes it. */
  remove({ plural }: ResourceType, namespace: string, name: string): void {
    this.#objects.delete(`${plural} ${keyOf(namespace, name)}`);
  }

  peek<T extends KubeObject>(type: ResourceType, namespace: string, name: string): T | undefined {
    return this.#objects.get(`${type.plural} ${keyOf(namespace, name)}`) as T | undefined;
  }

  async get<T extends KubeObject>(type: ResourceType, namespace: string | null, name: string): Promise<T | null> {
    this.#call('get', type, name);
    return this.peek<T>(type, namespace ?? '', name) ?? null;
  }

  async create<T extends KubeObject>(type: ResourceType, namespace: string | null, object: T): Promise<T> {
    this.#call('create', type, object.metadata.name);
    this.#mayFail();
    if (this.peek(type, namespace ?? '', object.metadata.name) !== undefined) throw refusal('already-exists', 409);
    return this.put(type, object);
  }

  async apply<T extends KubeObject>(type: ResourceType, namespace: string | null, object: T): Promise<T> {
    this.#call('apply', type, object.metadata.name);
    this.#mayFail();
    const before = this.peek<T>(type, namespace ?? '', object.metadata.name);
    return this.put(type, merged(before ?? {}, object as unknown as Fields) as unknown as T);
  }

  async patch<T extends KubeObject>(
    type: ResourceType,
    namespace: string | null,
    name: string,
    patch: object,
    options: { readonly subresource?: string } = {},
  ): Promise<T> {
    this.#call(options.subresource === undefined ? 'patch' : `patch ${options.subresource} of`, type, name);
    this.#mayFail();
    const before = this.peek<T>(type, namespace ?? '', name);
    if (before === undefined) throw refusal('not-found', 404);
    const { uid, resourceVersion } = (patch as { metadata?: { uid?: string; resourceVersion?: string } }).metadata ?? {};
    if (uid !== undefined && uid !== before.metadata.uid) throw refusal('conflict', 409);
    if (resourceVersion !== undefined && resourceVersion !== before.metadata.resourceVersion) throw refusal('conflict', 409);
    return this.put(type, merged(before as unknown as Fields, patch as Fields) as unknown as T);
  }

  /** What has finalizers stays, marked. */
  async delete<T extends KubeObject>(
    type: ResourceType,
    namespace: string | null,
    name: string,
    { uid }: { readonly uid?: string } = {},
  ): Promise<T | null> {
    this.#call('delete', type, name);
    this.#mayFail();
    const before = this.peek<T>(type, namespace ?? '', name);
    if (before === undefined) return null;
    if (uid !== undefined && uid !== before.metadata.uid) throw refusal('conflict', 409);
    if ((before.metadata.finalizers ?? []).length > 0)
      return this.put(type, { ...before, metadata: { ...before.metadata, deletionTimestamp: '2026-11-27T10:00:00Z' } });
    this.remove(type, namespace ?? '', name);
    return null;
  }

  /** As an informer that is never late shows them. */
  shown(type: ResourceType) {
    return {
      get: (namespace: string | null, name: string) => this.peek(type, namespace ?? '', name),
      observe: () => undefined,
      forget: () => undefined,
    };
  }

  #call(verb: string, { plural }: ResourceType, name: string): void {
    this.calls.push(`${verb} ${plural} ${name}`);
  }

  #mayFail(): void {
    const error = this.failNext;
    this.failNext = null;
    if (error !== null) throw error;
  }
}

export function refusal(kind: KubeError['kind'], status: number): KubeError {
  return new KubeError(`refused: ${kind}`, { status, kind });
}

/** As a merge patch does. */
function merged(before: unknown, patch: Fields): Fields {
  const result: Record<string, unknown> = isFields(before) ? { ...before } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = isFields(value) ? merged(result[key], value) : structuredClone(value);
  }
  return result;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
