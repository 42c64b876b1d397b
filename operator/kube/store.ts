import { isLater, type KubeObject, keyOf, type ObjectMeta } from './object.ts';
import type { WatchEvent } from './watch.ts';

export interface Change<T> {
  readonly kind: 'added' | 'changed' | 'removed';
  readonly object: T;
  /** What was known of it till now. */
  readonly before: T | null;
}

/**
 * What is known of the objects of one list and its watch, and of our own writes. The watch tells those later than the answer to the write did, so each
 * object stays at the latest version ever seen: an event, or a list that was under way, never takes it back.
 */
export class Store<T extends KubeObject> {
  readonly #matches: (object: T) => boolean;
  readonly #slim: (object: T) => T;
  readonly #objects = new Map<string, T>();
  /** Deleted by us, and the watch hasn't told it yet: what it was, and how many lists had begun. */
  readonly #forgotten = new Map<string, { readonly metadata: ObjectMeta; readonly lists: number }>();
  /** All up to this version was told. */
  #version = '';
  #lists = 0;
  #array: readonly T[] | null = null;

  /** `matches`: whether the watch would tell of such an object. `slim`: what of an object is kept, and told. */
  constructor(matches: (object: T) => boolean, slim: (object: T) => T = (object) => object) {
    this.#matches = matches;
    this.#slim = slim;
  }

  get version(): string {
    return this.#version;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  /** The same array until something changes. */
  list(): readonly T[] {
    this.#array ??= [...this.#objects.values()];
    return this.#array;
  }

  /** A list is asked for: what is forgotten from now on, it may still have. */
  listBegins(): void {
    this.#lists += 1;
  }

  /** The whole as of a version. When that is earlier than what was told already, the server's history went back (it was restored): nothing else counts then. */
  replace(items: readonly T[], version: string): Change<T>[] {
    const wentBack = isLater(this.#version, version);
    for (const [key, { lists }] of this.#forgotten) if (wentBack || lists < this.#lists) this.#forgotten.delete(key);
    const changes: Change<T>[] = [];
    const listed = new Set<string>();
    for (const item of items) {
      const key = keyOf(item.metadata.namespace, item.metadata.name);
      listed.add(key);
      const change = wentBack ? this.#set(key, item) : this.#take(key, item);
      if (change !== null) changes.push(change);
    }
    for (const [key, object] of this.#objects) {
      if (!listed.has(key) && (wentBack || !isLater(object.metadata.resourceVersion, version)))
        changes.push(this.#remove(key, object, object));
    }
    this.#version = version;
    return changes;
  }

  /** An event of the watch. */
  apply(event: WatchEvent<T>): Change<T> | null {
    if (event.kind === 'bookmark') {
      this.#version = event.resourceVersion;
      return null;
    }
    const { object } = event;
    this.#version = object.metadata.resourceVersion ?? this.#version;
    const key = keyOf(object.metadata.namespace, object.metadata.name);
    if (event.kind !== 'removed') return this.#take(key, object);
    if (this.#forgotten.get(key)?.metadata.uid === object.metadata.uid) this.#forgotten.delete(key);
    const held = this.#objects.get(key);
    if (held === undefined || isLater(held.metadata.resourceVersion, object.metadata.resourceVersion)) return null;
    return this.#remove(key, object, held);
  }

  /** What our own write answered. One that was deleted since then stays away. */
  observe(object: T): Change<T> | null {
    const { namespace, name, resourceVersion } = object.metadata;
    const key = keyOf(namespace, name);
    const held = this.#objects.get(key);
    if (!isLater(resourceVersion, held?.metadata.resourceVersion)) return null;
    if (this.#matches(object)) return held === undefined && !isLater(resourceVersion, this.#version) ? null : this.#take(key, object);
    return held === undefined ? null : this.#remove(key, object, held);
  }

  /** Our own delete has taken it away for good. */
  forget(object: T): Change<T> | null {
    const key = keyOf(object.metadata.namespace, object.metadata.name);
    const held = this.#objects.get(key);
    if (held !== undefined && held.metadata.uid !== object.metadata.uid) return null;
    this.#forgotten.set(key, { metadata: (held ?? object).metadata, lists: this.#lists });
    return held === undefined ? null : this.#remove(key, held, held);
  }

  #take(key: string, object: T): Change<T> | null {
    const held = this.#objects.get(key);
    if (held !== undefined && !isLater(object.metadata.resourceVersion, held.metadata.resourceVersion)) return null;
    const forgotten = this.#forgotten.get(key)?.metadata;
    if (forgotten !== undefined && forgotten.uid === object.metadata.uid) {
      // It wasn't gone after all when it is seen going away later.
      const goes = object.metadata.deletionTimestamp !== undefined && isLater(object.metadata.resourceVersion, forgotten.resourceVersion);
      if (!goes) return null;
    }
    this.#forgotten.delete(key);
    return this.#set(key, object);
  }

  #set(key: string, whole: T): Change<T> | null {
    const held = this.#objects.get(key);
    const object = this.#slim(lean(whole));
    this.#objects.set(key, object);
    this.#array = null;
    if (held === undefined) return { kind: 'added', object, before: null };
    const same = held.metadata.uid === object.metadata.uid && held.metadata.resourceVersion === object.metadata.resourceVersion;
    return same ? null : { kind: 'changed', object, before: held };
  }

  #remove(key: string, object: T, before: T): Change<T> {
    this.#objects.delete(key);
    this.#array = null;
    return { kind: 'removed', object, before };
  }
}

/** Without the book-keeping of server-side apply, which is often half of an object. */
function lean<T extends KubeObject>(object: T): T {
  const { managedFields, ...metadata } = object.metadata;
  return managedFields === undefined ? object : { ...object, metadata };
}
