import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { Configuration } from './configuration.ts';

/** Where a Pod finds the files of its service account. */
export const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Variables that Kubernetes sets in each container. */
export type PodEnvironment = Readonly<Record<string, string | undefined>>;

/** Whether this is a Pod that may talk to the API server. */
export function hasServiceAccount(folder: string): boolean {
  return existsSync(join(folder, 'token'));
}

/**
 * How a Pod reaches the API server of its cluster, as the one of its service account: its address by the environment, token, authority and namespace by the
 * files in `folder`. Throws with what is missing. Kubernetes rotates the token and the authority, so each identity reads them anew.
 */
export function serviceAccount(folder: string, env: PodEnvironment): Configuration {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '' } = env;
  if (host === '' || port === '')
    throw new Error(
      `there is a service account in ${folder}, but KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT don't say where the API server is`,
    );
  const namespaceFile = join(folder, 'namespace');
  return {
    server: new URL(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`),
    namespace: (existsSync(namespaceFile) && readFileSync(namespaceFile, 'utf8').trim()) || 'default',
    identity: async () => {
      const [token, ca] = await Promise.all(['token', 'ca.crt'].map((name) => read(join(folder, name))));
      return { headers: { Authorization: `Bearer ${token}` }, tls: { ca }, proxy: null };
    },
  };
}

async function read(file: string): Promise<string> {
  const text = (await readFile(file, 'utf8')).trim();
  if (text === '') throw new Error(`${file} is empty`);
  return text;
}
