import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Api } from '../api.ts';
import type { Container, Pod, Reference, Volume } from './pod.ts';
import { ConfigError, readSource } from './sources.ts';

type Items = { readonly items?: readonly { readonly key: string; readonly path: string }[] };

/** As on the machine: what a test gives its Pods may stand there. */
const SHARED = '/tmp';

/** Lays a Pod's volumes out as folders of `folder`, named as they are. Rejects with `ConfigError` when what they hold isn't there. */
export async function layOut(api: Api, pod: Pod, folder: string): Promise<void> {
  for (const volume of pod.spec.volumes ?? []) {
    const place = join(folder, volume.name);
    mkdirSync(place, { recursive: true });
    for (const [path, text] of await filesOf(api, pod.metadata.namespace, volume)) {
      const file = join(place, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }
}

/** Without a file system of its own a container can't have its volumes where it wants them: so what it is told of them is told anew. */
export function moveMounts(text: string, container: Container, folder: string): string {
  const mounts = (container.volumeMounts ?? [])
    .filter(({ mountPath }) => mountPath !== SHARED)
    .sort((a, b) => b.mountPath.length - a.mountPath.length);
  return mounts.reduce((moved, { name, mountPath, subPath = '' }) => {
    const whole = new RegExp(`(?<![\\w./-])${mountPath.replaceAll(/[^\w/]/g, '\\$&')}(?![\\w.-])`, 'g');
    return moved.replaceAll(whole, () => join(folder, name, subPath));
  }, text);
}

async function filesOf(api: Api, namespace: string, volume: Volume): Promise<readonly (readonly [string, string])[]> {
  const { secret, configMap, emptyDir, projected } = volume;
  const read = async (kind: 'secrets' | 'configmaps', source: Reference & Items) =>
    choose(await readSource(api, kind, namespace, source), source);
  if (secret !== undefined) return read('secrets', { ...secret, name: secret.secretName });
  if (configMap !== undefined) return read('configmaps', configMap);
  if (emptyDir !== undefined) return [];
  if (projected === undefined) throw new ConfigError(`this node doesn't know the kind of the volume "${volume.name}"`);
  const files: (readonly [string, string])[] = [];
  for (const source of projected.sources) {
    if (source.secret !== undefined) files.push(...(await read('secrets', source.secret)));
    if (source.configMap !== undefined) files.push(...(await read('configmaps', source.configMap)));
  }
  return files;
}

/** All keys as files of that name, or those that are asked for under the paths that are asked for. */
function choose(values: Readonly<Record<string, string>> | undefined, { items }: Items): readonly (readonly [string, string])[] {
  if (values === undefined) return [];
  if (items === undefined) return Object.entries(values);
  return items.map(({ key, path }) => {
    const text = values[key];
    if (text === undefined) throw new ConfigError(`references non-existent key: ${key}`);
    return [path, text] as const;
  });
}
