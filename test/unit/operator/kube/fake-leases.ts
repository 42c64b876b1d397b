import type { KubeApi } from '../../../../operator/kube/api.ts';
import { KubeError } from '../../../../operator/kube/error.ts';
import { LeaseElector } from '../../../../operator/kube/lease-elector.ts';
import type { LeaseObject } from '../../../../operator/kube/lease-record.ts';
import type { KubeObject, ResourceType } from '../../../../operator/kube/object.ts';
import type { VirtualTime } from '../../../fakes/virtual-time.ts';
import { FakeLog } from './fake-log.ts';

export const DURATION_MS = 15_000;

/** What becomes of a call: when the server takes it, and when its answer arrives (ms after the call); `null`: never. */
export interface Fate {
  readonly takenMs: number | null;
  readonly answeredMs: number | null;
}

const AT_ONCE: Fate = { takenMs: 1, answeredMs: 2 };
export const LOST: Fate = { takenMs: null, answeredMs: null };
export const ANSWER_LOST: Fate = { takenMs: 1, answeredMs: null };

/** The only Lease of an API server, in virtual time. */
export class FakeLeases {
  record: LeaseObject | null = null;
  writes = 0;
  readonly #time: VirtualTime;
  #version = 0;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  /** Somebody else writes it. */
  put(change: (record: LeaseObject) => LeaseObject): void {
    if (this.record !== null) this.record = this.#stored(change(this.record));
  }

  /** A client whose calls have the fates that `fate` says. */
  client(fate: () => Fate): Pick<KubeApi, 'get' | 'create' | 'replace'> {
    const call = <T>(take: () => LeaseObject | null, limitMs = 15_000) => this.#call(take, fate(), limitMs) as Promise<T>;
    return {
      get: <T extends KubeObject>(_: ResourceType, __: string | null, ___: string, options?: { readonly timeLimitMs?: number }) =>
        call<T | null>(() => this.record, options?.timeLimitMs),
      create: <T extends KubeObject>(_: ResourceType, __: string | null, object: T, options?: { readonly timeLimitMs?: number }) =>
        call<T>(() => this.#create(object), options?.timeLimitMs),
      replace: <T extends KubeObject>(_: ResourceType, __: string | null, object: T, options?: { readonly timeLimitMs?: number }) =>
        call<T>(() => this.#replace(object), options?.timeLimitMs),
    };
  }

  #create(object: LeaseObject): LeaseObject {
    if (this.record !== null) throw new KubeError('it exists already', { status: 409, kind: 'already-exists' });
    this.writes += 1;
    this.record = this.#stored(object);
    return this.record;
  }

  #replace(object: LeaseObject): LeaseObject {
    if (this.record === null) throw new KubeError('there is none', { status: 404, kind: 'not-found' });
    if (this.record.metadata.resourceVersion !== object.metadata.resourceVersion) {
      throw new KubeError('it was changed', { status: 409, kind: 'conflict' });
    }
    this.writes += 1;
    this.record = this.#stored(object);
    return this.record;
  }

  #stored(object: LeaseObject): LeaseObject {
    this.#version += 1;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
  }

  /** Taken and answered in its time, also after the caller has given up. */
  #call(take: () => LeaseObject | null, { takenMs, answeredMs }: Fate, limitMs: number): Promise<LeaseObject | null> {
    return new Promise((resolve, reject) => {
      const limit = this.#time.setTimeout(() => reject(new KubeError('no answer', { status: 0, kind: 'unavailable' })), limitMs);
      if (takenMs === null) return;
      this.#time.setTimeout(() => {
        let answer = () => {};
        try {
          const record = take();
          answer = () => resolve(record);
        } catch (error) {
          answer = () => reject(error);
        }
        if (answeredMs === null) return;
        this.#time.setTimeout(() => {
          this.#time.clearTimeout(limit);
          answer();
        }, answeredMs - takenMs);
      }, takenMs);
    });
  }
}

/** A process that may hold the lease. */
export class Candidate {
  readonly elector: LeaseElector;
  readonly log = new FakeLog();
  /** The fence, each time that a tenure began or ended. */
  readonly told: (number | null)[] = [];
  fate: Fate = AT_ONCE;
  /** The process stands still until then. */
  pausedUntil = 0;
  readonly #time: VirtualTime;
  readonly #ending = new AbortController();
  #running: Promise<void> = Promise.resolve();

  /** `rate`: how fast its clock goes. */
  constructor(time: VirtualTime, leases: FakeLeases, identity: string, rate = 1, fate: (() => Fate) | null = null) {
    this.#time = time;
    const sleep = (ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        const timer = time.setTimeout(() => void this.#awake().then(resolve), ms / rate);
        signal.addEventListener('abort', () => {
          time.clearTimeout(timer);
          resolve();
        });
      });
    const client = leases.client(fate ?? (() => this.fate));
    const api = {
      get: async <T extends KubeObject>(...call: Parameters<KubeApi['get']>) => this.#afterPause(client.get<T>(...call)),
      create: async <T extends KubeObject>(type: ResourceType, namespace: string | null, object: T, options?: object) =>
        this.#afterPause(client.create<T>(type, namespace, object, options)),
      replace: async <T extends KubeObject>(type: ResourceType, namespace: string | null, object: T, options?: object) =>
        this.#afterPause(client.replace<T>(type, namespace, object, options)),
    };
    this.elector = new LeaseElector({
      api,
      namespace: 'chat',
      name: 'operator',
      identity,
      durationMs: DURATION_MS,
      log: this.log,
      clock: { now: () => time.now() * rate, sleep },
    });
    this.elector.onChange(() => this.told.push(this.elector.fence()));
  }

  start(): this {
    this.#running = this.elector.run(this.#ending.signal);
    return this;
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #afterPause<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } finally {
      await this.#awake();
    }
  }

  async #awake(): Promise<void> {
    while (this.#time.now() < this.pausedUntil) {
      await new Promise<void>((resolve) => this.#time.setTimeout(resolve, this.pausedUntil - this.#time.now()));
    }
  }
}
