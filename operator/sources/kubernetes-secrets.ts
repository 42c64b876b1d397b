import type { KubeApi } from '../kube/api.ts';
import { type KubeObject, RESOURCES } from '../kube/object.ts';
import type { ReadSecret } from './secrets.ts';

interface Secret extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** A Secret is read anew after so long, ms: one that is changed counts soon, and the API server isn't asked for each query. */
const KEPT_MS = 30_000;

/** Secrets of a namespace, by their names: they are never listed. While the API server doesn't answer, what it said last counts. `now`: monotonic, ms. */
export function kubernetesSecrets(api: Pick<KubeApi, 'get'>, namespace: string, now: () => number): ReadSecret {
  const kept = new Map<string, { readonly at: number; readonly secret: Secret | null }>();
  const read = async (name: string): Promise<Secret | null> => {
    const last = kept.get(name);
    if (last !== undefined && now() - last.at < KEPT_MS) return last.secret;
    try {
      const secret = await api.get<Secret>(RESOURCES.secrets, namespace, name);
      // One that isn't there may be made any moment.
      if (secret === null) kept.delete(name);
      else kept.set(name, { at: now(), secret });
      return secret;
    } catch (error) {
      if (last !== undefined) return last.secret;
      throw error;
    }
  };
  return async (name, key) => {
    const secret = await read(name);
    if (secret === null) throw new Error(`there is no Secret ${name} in the namespace ${namespace}`);
    const value = secret.data?.[key];
    if (value === undefined) throw new Error(`Secret ${name} has no key "${key}"`);
    return Buffer.from(value, 'base64').toString();
  };
}
