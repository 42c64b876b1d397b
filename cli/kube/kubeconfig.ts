import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { nearest } from '../../operator/api/suggest.ts';
import { Failure } from '../failure.ts';
import type { KubeChoice } from './target.ts';

/** Where a Pod finds who it is. */
const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/**
 * Finds the kubeconfig as kubectl does: `--kubeconfig`, the files of KUBECONFIG (those that don't exist are passed over, the first to name something wins),
 * `~/.kube/config`, in a Pod its ServiceAccount. Throws a Failure that says what is missing.
 */
export function findKubeConfig({ kubeconfig, context }: KubeChoice, { env, home }: Surroundings): KubeConfig {
  const files = filesOf(kubeconfig, env.KUBECONFIG, join(home, '.kube', 'config'));
  if (files === null) {
    const inPod = new KubeConfig();
    inPod.loadFromCluster();
    return inPod;
  }
  const config = merged(files.map(read));
  const named = files.join(' and ');
  const chosen = context ?? config.getCurrentContext();
  const contexts = config.getContexts().map(({ name }) => name);
  if (!chosen)
    throw new Failure(
      `${named} has no current context: choose one with "kubectl config use-context NAME", or name one by --context${oneOf(contexts)}.`,
    );
  if (!contexts.includes(chosen)) throw new Failure(noContext(chosen, named, contexts));
  config.setCurrentContext(chosen);
  if (config.getCurrentCluster() === null) throw new Failure(`The context "${chosen}" of ${named} names no cluster that is in there.`);
  return config;
}

/** `null`: there is none, but this is a Pod. */
function filesOf(chosen: string | undefined, listed: string | undefined, usual: string): readonly string[] | null {
  if (chosen !== undefined) {
    if (!existsSync(chosen)) throw new Failure(`--kubeconfig ${chosen}: there is no such file.`);
    return [chosen];
  }
  const named = (listed ?? '').split(delimiter).filter((file) => file !== '');
  const existing = named.filter((file) => existsSync(file));
  if (existing.length > 0) return existing;
  if (named.length > 0)
    throw new Failure(`KUBECONFIG names ${named.join(' and ')}, which ${named.length === 1 ? 'does' : 'do'} not exist.`);
  if (existsSync(usual)) return [usual];
  if (existsSync(SERVICE_ACCOUNT_TOKEN)) return null;
  throw new Failure(`There is no kubeconfig: ${usual} does not exist, and KUBECONFIG is not set. Name one by --kubeconfig.`);
}

function read(file: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromFile(file);
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
    throw new Failure(`${file} is no kubeconfig: ${why}`);
  }
  return config;
}

/** The library refuses two of a name, where kubectl takes the first. */
function merged(configs: readonly KubeConfig[]): KubeConfig {
  const whole = new KubeConfig();
  whole.loadFromOptions({
    clusters: firsts(configs.flatMap((config) => config.clusters ?? [])),
    users: firsts(configs.flatMap((config) => config.users ?? [])),
    contexts: firsts(configs.flatMap((config) => config.contexts ?? [])),
    currentContext: configs.map((config) => config.currentContext).find((name) => name),
  });
  return whole;
}

function firsts<T extends { readonly name: string }>(items: readonly T[]): T[] {
  return [...new Map([...items].reverse().map((item) => [item.name, item])).values()].reverse();
}

function noContext(name: string, files: string, contexts: readonly string[]): string {
  const near = nearest(name, contexts);
  return `${files} has no context "${name}"${near === null ? oneOf(contexts) : `; did you mean ${near}`}${near === null ? '.' : '?'}`;
}

function oneOf(contexts: readonly string[]): string {
  return contexts.length === 0 ? '; it has none' : `; it has ${contexts.join(', ')}`;
}
