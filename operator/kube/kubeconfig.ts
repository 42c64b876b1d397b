import type { OutgoingHttpHeaders } from 'node:http';
import type { Agent, RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import type { Configuration, Identity } from './configuration.ts';

/** Reads the kubeconfig at `file`, else those of KUBECONFIG, else `~/.kube/config`. `context`: another one than the current. Throws with what is missing. */
export function readKubeconfig(file: string | undefined, context: string | undefined): Configuration {
  const config = new KubeConfig();
  if (file === undefined) config.loadFromDefault();
  else config.loadFromFile(file);
  if (context !== undefined) {
    if (config.getContextObject(context) === null) {
      const known = config.getContexts().map(({ name }) => name);
      throw new Error(`the kubeconfig has no context "${context}"; it has: ${known.join(', ') || 'none'}`);
    }
    config.setCurrentContext(context);
  }
  return configurationOf(config);
}

/**
 * What a kubeconfig's current context says, exec plugins and the rest of kubectl's ways included. Throws when it names no cluster.
 * Known faults of the library that `Credentials` hides: one plugin process for each of several calls at once, and a refused token that is used until it expires;
 * and we leave alone its agent, by which each request has a TLS connection of its own.
 */
export function configurationOf(config: KubeConfig): Configuration {
  const cluster = config.getCurrentCluster();
  const context = config.getCurrentContext();
  if (cluster === null) throw new Error(`no cluster is configured: the context "${context ?? ''}" of the kubeconfig names none`);
  return {
    server: new URL(cluster.server),
    namespace: config.getContextObject(context)?.namespace ?? 'default',
    identity: () => identityOf(config, Boolean(cluster.proxyUrl)),
  };
}

async function identityOf(config: KubeConfig, proxied: boolean): Promise<Identity> {
  const options: RequestOptions = { headers: {} };
  await config.applyToHTTPSOptions(options);
  const headers: OutgoingHttpHeaders = { ...(options.headers as OutgoingHttpHeaders) };
  if (typeof headers.Authorization === 'string') headers.Authorization = headers.Authorization.trim();
  if (options.auth) headers.Authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  const { ca, cert, key, rejectUnauthorized, servername } = options;
  return { headers, tls: defined({ ca, cert, key, rejectUnauthorized, servername }), proxy: proxied ? (options.agent as Agent) : null };
}

function defined(tls: { [K in keyof Identity['tls']]: Identity['tls'][K] | undefined }): Identity['tls'] {
  return Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
}
