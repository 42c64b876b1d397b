import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Credentials } from './credentials.ts';
import { kubeconfigsNeed } from './node-version.ts';
import { hasServiceAccount, type PodEnvironment, SERVICE_ACCOUNT_FOLDER, serviceAccount } from './service-account.ts';

/** Which API server is meant; what is left out is found out. */
export interface ServerChoice {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  /** Default: where Kubernetes puts it. */
  readonly serviceAccountFolder?: string | undefined;
}

/** Of the process. */
export interface Surroundings {
  readonly env: PodEnvironment;
  readonly home: string;
  /** Of Node, such as "24.1.0". */
  readonly version: string;
}

/**
 * The credentials for an API server: by the given kubeconfig, that of KUBECONFIG, the Pod's service account or `~/.kube/config`, the first that there is; a
 * context is one of a kubeconfig. Rejects with what is missing. Only a kubeconfig loads the library that reads it, which costs 85 MB.
 */
export async function loadCredentials(choice: ServerChoice, { env, home, version }: Surroundings): Promise<Credentials> {
  const { kubeconfig, context, serviceAccountFolder: folder = SERVICE_ACCOUNT_FOLDER } = choice;
  const isNamed = kubeconfig !== undefined || context !== undefined || (env.KUBECONFIG ?? '') !== '';
  if (!isNamed && hasServiceAccount(folder)) return new Credentials(() => serviceAccount(folder, env));
  const usual = join(home, '.kube', 'config');
  if (!isNamed && !existsSync(usual))
    throw new Error(`there is neither a service account in ${folder} nor a kubeconfig: ${usual} does not exist, and KUBECONFIG is not set`);
  const need = kubeconfigsNeed(version);
  if (need !== null) throw new Error(need);
  const { readKubeconfig } = await import('./kubeconfig.ts');
  return new Credentials(() => readKubeconfig(kubeconfig, context));
}
