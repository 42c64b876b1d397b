import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { hasServiceAccount } from '../../operator/kube/service-account.ts';
import { Failure } from '../failure.ts';

/** Where it is looked for files. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly serviceAccountFolder: string;
}

/**
 * The kubeconfigs by the rules of kubectl: `--kubeconfig`, the files of KUBECONFIG (those that don't exist are passed over), `~/.kube/config`; `null` when
 * there is none but this is a Pod. Throws a Failure that says what is missing.
 */
export function kubeconfigFiles(chosen: string | undefined, { env, home, serviceAccountFolder }: Surroundings): readonly string[] | null {
  if (chosen !== undefined) {
    if (!existsSync(chosen)) throw new Failure(`--kubeconfig ${chosen}: there is no such file.`);
    return [chosen];
  }
  const named = (env.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '');
  const existing = named.filter((file) => existsSync(file));
  if (existing.length > 0) return existing;
  if (named.length > 0)
    throw new Failure(`KUBECONFIG names ${named.join(' and ')}, which ${named.length === 1 ? 'does' : 'do'} not exist.`);
  const usual = join(home, '.kube', 'config');
  if (existsSync(usual)) return [usual];
  if (hasServiceAccount(serviceAccountFolder)) return null;
  throw new Failure(`There is no kubeconfig: ${usual} does not exist, and KUBECONFIG is not set. Name one by --kubeconfig.`);
}
