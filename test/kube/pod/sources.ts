import type { Api } from '../api.ts';
import type { Pod, Reference } from './pod.ts';

/** A container can't be made as its Pod says: a Secret that isn't there, a kind of volume that this node doesn't know. It is tried again. */
export class ConfigError extends Error {}

/** The texts of a Secret or ConfigMap by key; `undefined` when it isn't there and is optional. */
export async function readSource(
  api: Api,
  kind: 'secrets' | 'configmaps',
  namespace: string,
  { name, optional }: Reference,
): Promise<Readonly<Record<string, string>> | undefined> {
  const found = await api.find<{ data?: Record<string, string> }>(`/api/v1/namespaces/${namespace}/${kind}/${name}`);
  if (found === undefined && optional !== true) {
    throw new ConfigError(`${kind === 'secrets' ? 'secret' : 'configmap'} "${name}" not found`);
  }
  if (found === undefined) return undefined;
  const entries = Object.entries(found.data ?? {});
  return Object.fromEntries(entries.map(([key, value]) => [key, kind === 'secrets' ? Buffer.from(value, 'base64').toString() : value]));
}

/** A field of the Pod as `fieldRef` names it. */
export function readField(pod: Pod, ip: string, hostIp: string, path: string): string {
  const { metadata, spec } = pod;
  const fields: Readonly<Record<string, string | undefined>> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
    'spec.nodeName': spec.nodeName,
    'spec.serviceAccountName': spec.serviceAccountName,
    'status.podIP': ip,
    'status.podIPs': ip,
    'status.hostIP': hostIp,
  };
  if (path in fields) return fields[path] ?? '';
  const [, of, key = ''] = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path) ?? [];
  if (of === 'labels' || of === 'annotations') return metadata[of]?.[key] ?? '';
  throw new ConfigError(`this node doesn't know the field "${path}"`);
}
