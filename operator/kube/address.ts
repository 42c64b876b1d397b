import { keyOf, type ResourceType } from './object.ts';

/** An object, or a list of them, with what is asked about it. */
export interface Address {
  readonly type: ResourceType;
  readonly namespace: string | null;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
  readonly query?: Readonly<Record<string, string | undefined>>;
}

/** The path and the query. */
export function pathOf({ type, namespace, name, subresource, query = {} }: Address): string {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  const parts = [namespace === null ? [] : ['namespaces', namespace], type.plural, name ?? [], subresource ?? []].flat();
  const search = new URLSearchParams(Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined));
  return `${root}/${parts.map(encodeURIComponent).join('/')}${search.size === 0 ? '' : `?${search}`}`;
}

/** For people: "Pod chat/front-1", "pods in chat", "pods". */
export function describe({ type, namespace, name }: Address): string {
  if (name !== undefined) return `${type.kind} ${keyOf(namespace, name)}`;
  return namespace === null ? type.plural : `${type.plural} in ${namespace}`;
}
