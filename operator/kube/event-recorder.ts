import { randomBytes } from 'node:crypto';
import { MANAGER } from '../api/names.ts';
import type { KubeApi } from './api.ts';
import { EventBudget } from './event-budget.ts';
import type { Log } from './log.ts';
import { microTime } from './micro-time.ts';
import { type KubeObject, RESOURCES } from './object.ts';
import { WriteQueue } from './write-queue.ts';

/** Something worth telling people of an object. */
export interface EventNote {
  readonly type: 'Normal' | 'Warning';
  /** Why it was done, in CamelCase, for machines. */
  readonly reason: string;
  /** What was done, in CamelCase. */
  readonly action: string;
  /** For people. */
  readonly note: string;
}

export interface EventTiming {
  /** A repeat within this time belongs to the same series, ms. */
  readonly seriesMs: number;
  /** The count of a series is written so often at most, ms. */
  readonly countMs: number;
  /** Of each object: events at once, and the time after which one more is allowed, ms. */
  readonly burst: number;
  readonly refillMs: number;
  /** Between tries while the API server is away, ms. */
  readonly backoff: { readonly firstMs: number; readonly mostMs: number };
}

const TIMING: EventTiming = {
  seriesMs: 6 * 60_000,
  countMs: 30_000,
  burst: 25,
  refillMs: 30_000,
  backoff: { firstMs: 1_000, mostMs: 30_000 },
};
/** What the API takes, in bytes. */
const LONGEST_NOTE = 1024;

interface EventObject extends KubeObject {
  readonly eventTime: string;
  readonly series?: { readonly count: number; readonly lastObservedTime: string };
}

interface Series {
  readonly namespace: string;
  readonly event: EventObject;
  count: number;
  /** What of the count is written; 0 while the Event is not. */
  written: number;
  countWaits: boolean;
  lastAt: number;
  lastObservedTime: string;
}

export interface EventRecorderOptions {
  readonly api: KubeApi;
  /** This process among those that report; such as the Pod's name. */
  readonly reportingInstance: string;
  readonly log: Log;
  readonly timing?: Partial<EventTiming>;
}

/**
 * Writes Events (`events.k8s.io/v1`), for `kubectl describe`. The same one again becomes a series whose count is written now and then; an object that has
 * too many is cut short. All is best effort, in order, behind the caller's back.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #timing: EventTiming;
  readonly #budget: EventBudget;
  readonly #queue: WriteQueue;
  readonly #series = new Map<string, Series>();
  #dropped = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#timing = { ...TIMING, ...options.timing };
    this.#budget = new EventBudget(this.#timing);
    this.#queue = new WriteQueue(this.#timing.backoff, options.log);
  }

  /** Never throws, and never waits. */
  record(about: KubeObject & { readonly apiVersion: string; readonly kind: string }, event: EventNote): void {
    const now = performance.now();
    const object = about.metadata.uid ?? `${about.kind} ${about.metadata.namespace}/${about.metadata.name}`;
    const key = JSON.stringify([object, event.type, event.reason, event.action, event.note]);
    const known = this.#series.get(key);
    if (known !== undefined && now - known.lastAt < this.#timing.seriesMs) {
      known.count += 1;
      known.lastAt = now;
      known.lastObservedTime = microTime();
      this.#plan();
      return;
    }
    if (!this.#budget.take(object, now)) {
      this.#drop();
      return;
    }
    const namespace = about.metadata.namespace ?? 'default';
    const body = this.#body(about, namespace, event);
    const series: Series = {
      namespace,
      event: body,
      count: 1,
      written: 0,
      countWaits: false,
      lastAt: now,
      lastObservedTime: body.eventTime,
    };
    this.#series.set(key, series);
    this.#enqueue(() => this.#create(series));
    this.#plan();
  }

  /** Writes what waits, also counts that would wait for their time. Resolves when that is done; never rejects. */
  async flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#writeCounts(performance.now());
    await this.#queue.flush();
  }

  #body(about: KubeObject, namespace: string, { type, reason, action, note }: EventNote): EventObject {
    const { name, uid, resourceVersion } = about.metadata;
    const regarding = { apiVersion: about.apiVersion, kind: about.kind, namespace: about.metadata.namespace, name, uid, resourceVersion };
    const body = {
      metadata: { name: `${name}.${randomBytes(8).toString('hex')}`, namespace },
      eventTime: microTime(),
      reportingController: MANAGER,
      reportingInstance: this.#options.reportingInstance.slice(0, 128),
      type,
      reason,
      action,
      note: shortened(note),
      regarding,
    };
    return body;
  }

  async #create(series: Series): Promise<void> {
    await this.#options.api.create(RESOURCES.events, series.namespace, series.event);
    series.written = 1;
  }

  /** One timer for all series: the next time that a count may be written, or that one is over. */
  #plan(): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#writeCounts(performance.now());
      if (this.#series.size > 0) this.#plan();
    }, this.#timing.countMs);
    this.#timer.unref();
  }

  #writeCounts(now: number): void {
    for (const [key, series] of this.#series) {
      if (series.count > Math.max(1, series.written) && !series.countWaits) {
        series.countWaits = this.#enqueue(() => this.#count(series));
      }
      if (now - series.lastAt >= this.#timing.seriesMs) this.#series.delete(key);
    }
    this.#budget.prune(performance.now());
    if (this.#dropped > 0) this.#options.log.warn({ dropped: this.#dropped }, 'events were dropped: too many at once');
    this.#dropped = 0;
  }

  async #count(series: Series): Promise<void> {
    series.countWaits = false;
    if (series.written === 0) return;
    const { count, lastObservedTime } = series;
    await this.#options.api.patch(RESOURCES.events, series.namespace, series.event.metadata.name, { series: { count, lastObservedTime } });
    series.written = count;
  }

  #enqueue(write: () => Promise<void>): boolean {
    const taken = this.#queue.add(write);
    if (!taken) this.#drop();
    return taken;
  }

  #drop(): void {
    this.#dropped += 1;
    this.#plan();
  }
}

function shortened(note: string): string {
  if (Buffer.byteLength(note) <= LONGEST_NOTE) return note;
  const most = Buffer.from(note).subarray(0, LONGEST_NOTE - 4);
  return `${new TextDecoder('utf-8').decode(most).replace(/�+$/, '')}…`;
}
