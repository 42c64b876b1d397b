import type { OutgoingHttpHeaders } from 'node:http';
import type { Agent, RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';

/** Who we are to which API server: what a request needs beside its path. */
export interface Identity {
  readonly headers: OutgoingHttpHeaders;
  /** Certificates and what belongs to TLS. */
  readonly tls: Pick<RequestOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized' | 'servername'>;
  /** Goes through a proxy; `null` when the server is reached directly. */
  readonly proxy: Agent | null;
  /** How often the configuration had been read when it was made. */
  readonly reading: number;
}

/** How long certificates and tokens are used before they are looked at again, ms: files are rotated, plugins' tokens expire. */
const FRESH_MS = 30_000;
/** Between two readings of a configuration that the server refused, ms. */
const REREAD_MS = 5_000;

/**
 * The identity by the rules of kubectl (kubeconfig, exec plugins, in-cluster token), kept for a while: plugins and files aren't asked for each call.
 * Known faults of the library that this hides: a new TLS connection for every request, one plugin process for each of several calls at once,
 * and a refused token that is used until it expires.
 */
export class Credentials {
  readonly #read: () => KubeConfig;
  #config: KubeConfig;
  #readAt: number;
  #readings = 1;
  #identity: Promise<Identity> | null = null;
  #freshUntil = 0;

  /** `read` loads the configuration, again when the server refused it. Throws when it can't be read. */
  constructor(read: () => KubeConfig) {
    this.#read = read;
    this.#config = read();
    this.#readAt = performance.now();
  }

  /** Where the API server is. */
  get server(): URL {
    const cluster = this.#config.getCurrentCluster();
    if (cluster === null) throw new Error(noCluster(this.#config));
    return new URL(cluster.server);
  }

  /** The namespace of the context, or "default". */
  get namespace(): string {
    return this.#config.getContextObject(this.#config.getCurrentContext())?.namespace ?? 'default';
  }

  /** Rejects when the credentials can't be had, such as when a plugin fails. */
  current(): Promise<Identity> {
    if (this.#identity !== null && performance.now() < this.#freshUntil) return this.#identity;
    const identity = identityOf(this.#config, this.#readings);
    this.#identity = identity;
    this.#freshUntil = performance.now() + FRESH_MS;
    identity.catch(() => {
      if (this.#identity === identity) this.#identity = null;
    });
    return identity;
  }

  /** Whether there may be better ones than those that the server refused: reads all anew, if that was not done only just now. */
  refresh(refused: Identity): boolean {
    if (refused.reading < this.#readings) return true;
    if (performance.now() - this.#readAt < REREAD_MS) return false;
    this.#readAt = performance.now();
    try {
      this.#config = this.#read();
    } catch {
      // Written just now by somebody else, perhaps; the next refusal looks again.
      return false;
    }
    this.#readings += 1;
    this.#identity = null;
    return true;
  }
}

/** Loads the configuration by the rules of kubectl. Throws with what is missing. */
export function loadConfig(options: { readonly kubeconfig?: string; readonly context?: string }): KubeConfig {
  const config = new KubeConfig();
  if (options.kubeconfig === undefined) config.loadFromDefault();
  else config.loadFromFile(options.kubeconfig);
  if (options.context !== undefined) {
    if (config.getContextObject(options.context) === null) {
      const known = config.getContexts().map(({ name }) => name);
      throw new Error(`the kubeconfig has no context "${options.context}"; it has: ${known.join(', ') || 'none'}`);
    }
    config.setCurrentContext(options.context);
  }
  if (config.getCurrentCluster() === null) throw new Error(noCluster(config));
  return config;
}

async function identityOf(config: KubeConfig, reading: number): Promise<Identity> {
  const options: RequestOptions = { headers: {} };
  await config.applyToHTTPSOptions(options);
  const headers: OutgoingHttpHeaders = { ...(options.headers as OutgoingHttpHeaders) };
  if (typeof headers.Authorization === 'string') headers.Authorization = headers.Authorization.trim();
  if (options.auth) headers.Authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  const { ca, cert, key, rejectUnauthorized, servername } = options;
  const proxied = Boolean(config.getCurrentCluster()?.proxyUrl);
  return {
    headers,
    tls: defined({ ca, cert, key, rejectUnauthorized, servername }),
    proxy: proxied ? (options.agent as Agent) : null,
    reading,
  };
}

function defined(tls: { [K in keyof Identity['tls']]: Identity['tls'][K] | undefined }): Identity['tls'] {
  return Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
}

function noCluster(config: KubeConfig): string {
  return `no cluster is configured: the context "${config.getCurrentContext() ?? ''}" of the kubeconfig names none`;
}
