import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeApi } from './api.ts';
import { Backoff, jittered } from './backoff.ts';
import { KubeError } from './error.ts';
import type { Log } from './log.ts';
import type { KubeObject, ResourceType } from './object.ts';
import { reasonOf } from './refusals.ts';
import type { Change, Store } from './store.ts';

/** All ms. */
export interface InformerTiming {
  /** A watch is renewed at the latest after this time. */
  readonly watchMs: number;
  /** A watch that the server didn't end at its time is given up so much later. */
  readonly graceMs: number;
  /** All is listed again at the latest after this time. */
  readonly relistMs: number;
  readonly backoff: { readonly firstMs: number; readonly mostMs: number };
}

export const INFORMER_TIMING: InformerTiming = {
  watchMs: 5 * 60_000,
  graceMs: 10_000,
  relistMs: 12 * 60_000,
  backoff: { firstMs: 500, mostMs: 30_000 },
};

/** A watch that ended sooner than this without a word counts as failed, ms. */
const TOO_SHORT_MS = 1_000;

interface ReflectorOptions<T extends KubeObject> {
  readonly api: KubeApi;
  readonly type: ResourceType;
  readonly namespace: string | null;
  readonly labelSelector: string | undefined;
  readonly store: Store<T>;
  readonly timing: InformerTiming;
  readonly log: Log;
  readonly listed: () => void;
  readonly changed: (change: Change<T>) => void;
}

/**
 * Keeps a store like what the API server has, for ever: lists, then watches from there. A watch that ends or breaks is opened again where it stopped; when
 * the server no longer knows that place, or what it sends can't be read, and now and then anyway, all is listed anew. Failures wait longer each time.
 */
export class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #backoff: Backoff;
  #heardAt = performance.now();

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#backoff = new Backoff(options.timing.backoff);
  }

  /** When the server last told anything, be it that nothing happened; by `performance.now()`. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    this.#heardAt = performance.now();
    let relistAt = 0;
    while (!signal.aborted) {
      try {
        if (performance.now() >= relistAt) {
          await this.#list(signal);
          relistAt = performance.now() + jittered(this.#options.timing.relistMs);
        }
        await this.#watch(relistAt, signal);
      } catch (error) {
        if (signal.aborted) return;
        const { status, kind, retryAfterMs } = error instanceof KubeError ? error : { status: 0, kind: 'other', retryAfterMs: null };
        // The server forgot this version, or sends what can't be read: only the whole helps.
        if (status === 410 || kind === 'other') relistAt = 0;
        const waitMs = this.#backoff.next(retryAfterMs);
        // That it forgets is how it works; everything else is trouble.
        this.#options.log[status === 410 ? 'info' : 'warn']({ waitMs: Math.round(waitMs), relist: relistAt === 0 }, reasonOf(error));
        await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { api, type, namespace, labelSelector, store, listed } = this.#options;
    store.listBegins();
    const { items, resourceVersion } = await api.list<T>(type, namespace, { labelSelector, signal });
    this.#heard();
    for (const change of store.replace(items, resourceVersion)) this.#options.changed(change);
    listed();
  }

  async #watch(until: number, signal: AbortSignal): Promise<void> {
    const { api, type, namespace, labelSelector, store, timing } = this.#options;
    const begun = performance.now();
    const seconds = Math.max(1, Math.ceil(Math.min(jittered(timing.watchMs), until - begun) / 1000));
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(), seconds * 1000 + timing.graceMs);
    let told = false;
    try {
      const both = AbortSignal.any([signal, silence.signal]);
      const options = { labelSelector, resourceVersion: store.version, timeoutSeconds: seconds, signal: both, opened: () => this.#heard() };
      for await (const event of api.watch<T>(type, namespace, options)) {
        told = true;
        this.#heard();
        const change = store.apply(event);
        if (change !== null) this.#options.changed(change);
      }
    } catch (error) {
      if (performance.now() - begun > timing.backoff.mostMs) this.#backoff.reset();
      if (!silence.signal.aborted) throw error;
      throw new KubeError(`watch ${type.plural}: the API server has not ended it in its time of ${seconds} s`, {
        status: 0,
        kind: 'unavailable',
      });
    } finally {
      clearTimeout(timer);
    }
    if (signal.aborted) return;
    if (!told && performance.now() - begun < TOO_SHORT_MS) {
      throw new KubeError(`watch ${type.plural}: the API server ended it at once`, { status: 0, kind: 'unavailable' });
    }
    this.#heard();
    this.#backoff.reset();
  }

  #heard(): void {
    this.#heardAt = performance.now();
  }
}
