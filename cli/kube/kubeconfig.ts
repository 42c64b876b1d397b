import { KubeConfig } from '@kubernetes/client-node';
import { nearest } from '../../operator/api/nearest.ts';
import { Failure } from '../failure.ts';

/** Reads kubeconfigs as kubectl does: the first to name something wins. `context`: another one than the current. Throws a Failure that says what is missing. */
export function readKubeconfigs(files: readonly string[], context: string | undefined): KubeConfig {
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
