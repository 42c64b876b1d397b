import type { KubeApi } from './api.ts';
import type { Log } from './log.ts';
import { type KubeObject, keyOf, type ResourceType } from './object.ts';
import { INFORMER_TIMING, type InformerTiming, Reflector } from './reflector.ts';
import { selectorMatcher } from './selector.ts';
import { type Change, Store } from './store.ts';

export interface InformerOptions<T extends KubeObject> {
  readonly api: KubeApi;
  readonly type: ResourceType;
  /** `null`: all of them, in one watch. */
  readonly namespaces: readonly string[] | null;
  readonly labelSelector?: string | undefined;
  /** What of an object is kept, where most of it is never read. Its metadata must stay. Default: all but who owns which fields. */
  readonly slim?: (object: T) => T;
  readonly log: Log;
  readonly timing?: Partial<InformerTiming>;
}

interface Scope<T extends KubeObject> {
  readonly store: Store<T>;
  readonly reflector: Reflector<T>;
}

/**
 * A copy of objects of one type that is kept up to date by watches, and is never older than our own writes that it was told of.
 * At rest it asks for nothing but its watch.
 */
export class Informer<T extends KubeObject> {
  /** Resolves when all was listed once. Never rejects; it stays open while the API server is away. */
  readonly synced: Promise<void>;
  readonly #log: Log;
  /** By namespace; the one of "" is for all. */
  readonly #scopes = new Map<string, Scope<T>>();
  readonly #listeners = new Set<(change: Change<T>) => void>();
  #array: { readonly parts: readonly (readonly T[])[]; readonly all: readonly T[] } | null = null;

  constructor({ api, type, namespaces, labelSelector, slim, log, timing = {} }: InformerOptions<T>) {
    this.#log = log;
    const matches = selectorMatcher(labelSelector);
    const unlisted = new Set(namespaces ?? ['']);
    let resolve = () => {};
    this.synced = new Promise((done) => {
      resolve = done;
    });
    for (const namespace of [...unlisted]) {
      const store = new Store<T>((object) => matches(object.metadata.labels), slim);
      const reflector = new Reflector<T>({
        api,
        type,
        namespace: namespaces === null ? null : namespace,
        labelSelector,
        store,
        timing: { ...INFORMER_TIMING, ...timing },
        log,
        listed: () => {
          unlisted.delete(namespace);
          if (unlisted.size === 0) resolve();
        },
        changed: (change) => this.#tell(change),
      });
      this.#scopes.set(namespace, { store, reflector });
    }
    if (unlisted.size === 0) resolve();
  }

  /** Until the signal. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#scopes.values()].map(({ reflector }) => reflector.run(signal)));
  }

  get(namespace: string | null, name: string): T | undefined {
    return this.#scope(namespace)?.store.get(keyOf(namespace, name));
  }

  /** The same array until something changes. */
  list(): readonly T[] {
    const parts = [...this.#scopes.values()].map(({ store }) => store.list());
    const [only, second] = parts;
    if (only === undefined) return [];
    if (second === undefined) return only;
    if (this.#array?.parts.every((part, index) => part === parts[index]) !== true) this.#array = { parts, all: parts.flat() };
    return this.#array.all;
  }

  /** Calls `listener` after each change. One that throws is logged, and called again for the next. Answers what ends that. */
  onChange(listener: (change: Change<T>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * For how long nothing was heard from the API server, ms: the worst of the namespaces. `now` by `performance.now()`. A quiet watch of a healthy server
   * tells once a minute that nothing happened.
   */
  staleMs(now: number = performance.now()): number {
    return Math.max(0, ...[...this.#scopes.values()].map(({ reflector }) => now - reflector.heardAt));
  }

  /** Takes in the answer to a write of our own, which the watch tells only later. */
  observe(object: T): void {
    const change = this.#scope(object.metadata.namespace)?.store.observe(object) ?? null;
    if (change !== null) this.#tell(change);
  }

  /** Takes out what our own delete has taken away for good (it answered `null`); what only goes away is to be observed. */
  forget(object: T): void {
    const change = this.#scope(object.metadata.namespace)?.store.forget(object) ?? null;
    if (change !== null) this.#tell(change);
  }

  #scope(namespace: string | null | undefined): Scope<T> | undefined {
    return this.#scopes.get('') ?? this.#scopes.get(namespace ?? '');
  }

  #tell(change: Change<T>): void {
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        this.#log.error(
          { err: error, object: keyOf(change.object.metadata.namespace, change.object.metadata.name) },
          'a listener of changes failed',
        );
      }
    }
  }
}
