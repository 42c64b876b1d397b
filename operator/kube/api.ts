import { homedir } from 'node:os';
import { MANAGER } from '../api/names.ts';
import { type Address, describe, pathOf } from './address.ts';
import type { Credentials } from './credentials.ts';
import { KubeError } from './error.ts';
import { loadCredentials, type ServerChoice } from './load.ts';
import { apiVersionOf, type KubeObject, type ResourceType } from './object.ts';
import { Transport } from './transport.ts';
import { type WatchEvent, watchEvents } from './watch.ts';

/** A call may take so long, ms. */
const TIME_LIMIT_MS = 15_000;
/** Objects in one page of a list. */
const PAGE = 500;

interface CallOptions {
  readonly signal?: AbortSignal;
  /** Default: 15 s. */
  readonly timeLimitMs?: number;
}

export interface ListOptions extends CallOptions {
  readonly labelSelector?: string | undefined;
}

export interface WatchOptions {
  readonly labelSelector?: string | undefined;
  /** Changes after this one are told. */
  readonly resourceVersion: string;
  /** The server ends the watch after this time, s. */
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
  /** Called when the server has begun to watch; it may say nothing more for a while. */
  readonly opened?: () => void;
}

export interface ListOf<T> {
  readonly items: T[];
  readonly resourceVersion: string;
}

export interface DeleteOptions extends CallOptions {
  /** Only the object with this uid, at this version; else the call rejects with a conflict. */
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan';
}

/**
 * The API server, in the few verbs that we need. Every call has a time limit, and rejects with a `KubeError`. Nothing is tried again, other than what a
 * connection that the server had just closed swallowed: whoever calls is level-triggered. A namespace is `null` for what has none, or for all of them.
 */
export class KubeApi {
  /** Is told how each call ended: its verb, the plural of what it was about, and the HTTP status (200 for any success, 0 when there was no answer). */
  answered: (verb: string, resource: string, status: number) => void = () => {};
  readonly #credentials: Credentials;
  readonly #transport: Transport;

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
    this.#transport = new Transport(credentials);
  }

  /** Of the API server that is chosen, or that this process's environment, Pod or home leads to. Rejects with what is missing. */
  static async load(choice: ServerChoice = {}): Promise<KubeApi> {
    return new KubeApi(await loadCredentials(choice, { env: process.env, home: homedir(), version: process.versions.node }));
  }

  /** The namespace of the context or the Pod, or "default". */
  get namespace(): string {
    return this.#credentials.namespace;
  }

  /** The address of the API server. */
  get server(): string {
    return this.#credentials.server.href;
  }

  /** `null` when there is none. */
  async get<T extends KubeObject>(
    type: ResourceType,
    namespace: string | null,
    name: string,
    options: CallOptions = {},
  ): Promise<T | null> {
    try {
      return (await this.#call('GET', 'get', { type, namespace, name }, options)) as T;
    } catch (error) {
      if (error instanceof KubeError && error.kind === 'not-found') return null;
      throw error;
    }
  }

  /** All of them as of one moment, read in pages. */
  async list<T extends KubeObject>(type: ResourceType, namespace: string | null, options: ListOptions = {}): Promise<ListOf<T>> {
    const items: T[] = [];
    let limit = PAGE;
    let next: string | undefined;
    for (;;) {
      const query = { labelSelector: options.labelSelector, limit: limit === 0 ? undefined : String(limit), continue: next };
      try {
        const page = (await this.#call('GET', 'list', { type, namespace, query }, options)) as ListPage<T>;
        for (const item of page.items) items.push(typed(type, item));
        next = page.metadata.continue;
        if (!next) return { items, resourceVersion: page.metadata.resourceVersion };
      } catch (error) {
        if (next === undefined || !(error instanceof KubeError) || error.status !== 410) throw error;
        // The server forgot that moment before we had read all pages: the whole in one.
        items.length = 0;
        next = undefined;
        limit = 0;
      }
    }
  }

  /** Rejects with `already-exists` when there is one. */
  async create<T extends KubeObject>(type: ResourceType, namespace: string | null, object: T, options: CallOptions = {}): Promise<T> {
    const { name } = object.metadata;
    const at = { type, namespace, name, query: { fieldManager: MANAGER } };
    return (await this.#call('POST', 'create', at, { ...options, body: typed(type, object) })) as T;
  }

  /**
   * Server-side apply: makes the given fields so, creates the object if it must, leaves alone what others own, takes away what we applied before and don't
   * any more. Rejects with `conflict` when another manager owns a field with another value, unless `force`. `manager`: in whose name; default ours.
   */
  async apply<T extends KubeObject>(
    type: ResourceType,
    namespace: string | null,
    object: T,
    options: CallOptions & { readonly force?: boolean; readonly manager?: string; readonly subresource?: 'status' } = {},
  ): Promise<T> {
    const query = { fieldManager: options.manager ?? MANAGER, force: options.force === true ? 'true' : undefined };
    const at = { type, namespace, name: object.metadata.name, subresource: options.subresource, query };
    return (await this.#call('PATCH', 'apply', at, {
      ...options,
      body: typed(type, object),
      contentType: 'application/apply-patch+yaml',
    })) as T;
  }

  /** JSON merge patch. With `metadata.resourceVersion` in it, rejects with `conflict` when the object was changed since. */
  async patch<T extends KubeObject>(
    type: ResourceType,
    namespace: string | null,
    name: string,
    mergePatch: object,
    options: CallOptions & { readonly subresource?: 'status' | 'scale' } = {},
  ): Promise<T> {
    const at = { type, namespace, name, subresource: options.subresource, query: { fieldManager: MANAGER } };
    return (await this.#call('PATCH', 'patch', at, { ...options, body: mergePatch, contentType: 'application/merge-patch+json' })) as T;
  }

  /** Puts the whole object in place of the one of its resource version. Rejects with `conflict` when that was changed since. */
  async replace<T extends KubeObject>(type: ResourceType, namespace: string | null, object: T, options: CallOptions = {}): Promise<T> {
    const at = { type, namespace, name: object.metadata.name, query: { fieldManager: MANAGER } };
    return (await this.#call('PUT', 'update', at, { ...options, body: typed(type, object) })) as T;
  }

  /** Answers what is left of it while its finalizers and its grace period go on, or `null` when it is gone. That there was none is no error. */
  async delete<T extends KubeObject>(
    type: ResourceType,
    namespace: string | null,
    name: string,
    options: DeleteOptions = {},
  ): Promise<T | null> {
    const { uid, resourceVersion, gracePeriodSeconds, propagationPolicy } = options;
    const preconditions = uid === undefined && resourceVersion === undefined ? undefined : { uid, resourceVersion };
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions, gracePeriodSeconds, propagationPolicy };
    try {
      const answer = (await this.#call('DELETE', 'delete', { type, namespace, name }, { ...options, body })) as T;
      return lives(answer) ? answer : null;
    } catch (error) {
      if (error instanceof KubeError && error.kind === 'not-found') return null;
      throw error;
    }
  }

  /** The changes after a resource version, until the server or the signal ends it. Throws a `KubeError`; with status 410 when that version is too old. */
  async *watch<T extends KubeObject>(type: ResourceType, namespace: string | null, options: WatchOptions): AsyncGenerator<WatchEvent<T>> {
    const query = {
      watch: 'true',
      allowWatchBookmarks: 'true',
      labelSelector: options.labelSelector,
      resourceVersion: options.resourceVersion,
      timeoutSeconds: String(options.timeoutSeconds),
    };
    const tried = `watch ${describe({ type, namespace })}`;
    const path = pathOf({ type, namespace, query });
    const opening = this.#transport.stream({ method: 'GET', path, tried, timeLimitMs: TIME_LIMIT_MS }, options.signal);
    const stream = await this.#counted('watch', type, opening);
    options.opened?.();
    yield* watchEvents<T>(stream, tried);
  }

  /** Ends the idle connections. */
  close(): void {
    this.#transport.close();
  }

  #call(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    verb: string,
    at: Address,
    options: CallOptions & { readonly body?: unknown; readonly contentType?: string },
  ): Promise<unknown> {
    const call = this.#transport.call({
      method,
      path: pathOf(verb === 'create' ? { ...at, name: undefined } : at),
      tried: `${verb} ${describe(at)}`,
      timeLimitMs: options.timeLimitMs ?? TIME_LIMIT_MS,
      signal: options.signal,
      body: options.body,
      ...(options.contentType === undefined ? {} : { contentType: options.contentType }),
    });
    return this.#counted(verb, at.type, call);
  }

  async #counted<T>(verb: string, { plural }: ResourceType, call: Promise<T>): Promise<T> {
    try {
      const answer = await call;
      this.answered(verb, plural, 200);
      return answer;
    } catch (error) {
      this.answered(verb, plural, error instanceof KubeError ? error.status : 0);
      throw error;
    }
  }
}

interface ListPage<T> {
  readonly items: readonly T[];
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
}

/** With its type, which the items of a list lack. */
function typed<T extends KubeObject>(type: ResourceType, object: T): T {
  return { ...object, apiVersion: apiVersionOf(type), kind: type.kind };
}

/** Whether the answer to a delete shows an object that isn't gone yet. */
function lives(answer: KubeObject): boolean {
  if (answer.kind === 'Status' || answer.metadata?.deletionTimestamp === undefined) return false;
  return (answer.metadata.finalizers?.length ?? 0) > 0 || (answer.metadata.deletionGracePeriodSeconds ?? 0) > 0;
}
