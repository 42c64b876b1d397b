import type { Fence, Lease } from '../lease/lease.ts';
import type { Clock } from '../loop/clock.ts';
import type { KubeApi } from './api.ts';
import { jittered } from './backoff.ts';
import { KubeError } from './error.ts';
import { isFree, type LeaseObject, type LeaseSpec, type Sighting, sighted } from './lease-record.ts';
import type { Log } from './log.ts';
import { microTime } from './micro-time.ts';
import { monotonicClock } from './monotonic-clock.ts';
import { RESOURCES } from './object.ts';
import { reasonOf } from './refusals.ts';

export interface LeaseElectorOptions {
  readonly api: Pick<KubeApi, 'get' | 'create' | 'replace'>;
  readonly namespace: string;
  readonly name: string;
  /** Of this process, and of no other ever. */
  readonly identity: string;
  /** Without a renewal others may take it after this time, ms; whole seconds are told to them. */
  readonly durationMs: number;
  readonly log: Log;
  /** A monotonic one. */
  readonly clock?: Clock;
}

/** A holder trusts its tenure for this share of the duration after it asked for the renewal, so that clocks may run differently. */
const TRUSTED_SHARE = 2 / 3;

interface Tenure {
  readonly fence: Fence;
  /** By the monotonic clock, ms. */
  readonly trustedUntil: number;
}

/**
 * Which of several processes may act, by a `coordination.k8s.io` Lease.
 * - candidate: looks at the record a few times in its duration, and takes it when it was given up or stood still for its duration.
 * - holder: renews every third of the duration. When a renewal is refused because somebody else wrote the record, or none went through for two thirds of
 *   the duration, the tenure is over, before anybody else can have taken it.
 * Each tenure has a fence, the record's `leaseTransitions`, which is higher than all before. All is by the monotonic clock of this process.
 */
export class LeaseElector {
  readonly #options: LeaseElectorOptions;
  readonly #listeners = new Set<() => void>();
  readonly #durationMs: number;
  readonly #clock: Clock;
  #tenure: Tenure | null = null;
  /** As the API server has it, to the best of our knowledge; `null` when that is to be asked. */
  #object: LeaseObject | null = null;
  #sighting: Sighting | null = null;
  #lastFence = 0;
  /** Whether the record may name us. */
  #mayHold = false;

  constructor(options: LeaseElectorOptions) {
    this.#options = options;
    this.#clock = options.clock ?? monotonicClock;
    this.#durationMs = Math.max(1, Math.ceil(options.durationMs / 1000)) * 1000;
  }

  /** Until the signal; then gives up what it holds, so that another one takes over at once. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const waitMs = this.#tenure === null ? await this.#try(signal) : await this.#renew(this.#tenure, signal);
      await this.#clock.sleep(waitMs, signal);
      this.#endWhenOver();
    }
    await this.#release();
  }

  /** Of the tenure that holds now; `null` when there is none. */
  fence(): Fence | null {
    return this.#tenure !== null && this.#clock.now() < this.#tenure.trustedUntil ? this.#tenure.fence : null;
  }

  /** Whether the tenure with this fence surely holds now. */
  holds(fence: Fence): boolean {
    return this.fence() === fence;
  }

  /** Calls `listener` when a tenure began or ended. Answers what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** For the loop of one ChatCluster; the tenure is that of the process, so a loop that ends does not give it up. */
  asLease(): Lease {
    return {
      acquire: async () => this.fence(),
      holds: (fence) => this.holds(fence),
      release: async () => undefined,
    };
  }

  /** A candidate's look at the record. Answers when to look again, ms. */
  async #try(signal: AbortSignal): Promise<number> {
    const { identity, log } = this.#options;
    const againMs = jittered(this.#durationMs / 4);
    try {
      const object = await this.#look(this.#callMs(), signal);
      if (this.#sighting !== null && !isFree(this.#sighting, identity, this.#clock.now(), this.#durationMs)) return againMs;
      const fence = this.#lastFence + 1;
      await this.#write(object, { ...this.#spec(), acquireTime: microTime(), leaseTransitions: fence }, this.#callMs());
      log.info({ fence, before: object?.spec?.holderIdentity ?? '' }, 'took the lease');
      this.#told();
      return this.#durationMs / 3;
    } catch (error) {
      // Another one was quicker: nothing is wrong.
      if (!isLost(error) && !signal.aborted) log.warn(`the lease can't be had: ${reasonOf(error)}`);
      return Math.max(againMs, error instanceof KubeError ? (error.retryAfterMs ?? 0) : 0);
    }
  }

  /** A holder's renewal. Answers when to renew again, ms. */
  async #renew({ fence, trustedUntil }: Tenure, signal: AbortSignal): Promise<number> {
    const leftMs = () => Math.max(0, Math.min(this.#callMs(), trustedUntil - this.#clock.now()));
    try {
      // What became of a write that got no answer is not known.
      const object = this.#object ?? (await this.#look(leftMs(), signal));
      if (object === null) throw new KubeError('the lease was deleted', { status: 404, kind: 'not-found' });
      if (!this.#isOurs(object, fence)) {
        throw new KubeError(`it is held by ${object.spec?.holderIdentity || 'nobody'}`, { status: 409, kind: 'conflict' });
      }
      await this.#write(object, { ...this.#spec(), acquireTime: object.spec?.acquireTime, leaseTransitions: fence }, leftMs());
      return this.#durationMs / 3;
    } catch (error) {
      if (signal.aborted) return 0;
      if (isLost(error)) {
        this.#end(reasonOf(error));
        return 0;
      }
      this.#options.log.warn(`the lease can't be renewed: ${reasonOf(error)}`);
      return Math.min(leftMs(), jittered(this.#durationMs / 20));
    }
  }

  async #look(timeLimitMs: number, signal?: AbortSignal): Promise<LeaseObject | null> {
    const { api, namespace, name } = this.#options;
    const object = await api.get<LeaseObject>(RESOURCES.leases, namespace, name, {
      timeLimitMs,
      ...(signal === undefined ? {} : { signal }),
    });
    this.#sighting = object === null ? null : sighted(this.#sighting, object, this.#clock.now());
    this.#lastFence = Math.max(this.#lastFence, object?.spec?.leaseTransitions ?? 0);
    return object;
  }

  /** Writes a record that is ours; the tenure counts from the moment of asking. Others count from when they see it, which is later. */
  async #write(object: LeaseObject | null, spec: LeaseSpec & { readonly leaseTransitions: number }, timeLimitMs: number): Promise<void> {
    const { api, namespace, name } = this.#options;
    const asked = this.#clock.now();
    this.#object = null;
    this.#mayHold = true;
    this.#object =
      object === null
        ? await api.create<LeaseObject>(RESOURCES.leases, namespace, { metadata: { name, namespace }, spec }, { timeLimitMs })
        : await api.replace<LeaseObject>(RESOURCES.leases, namespace, { ...object, spec }, { timeLimitMs });
    this.#lastFence = Math.max(this.#lastFence, spec.leaseTransitions);
    this.#tenure = { fence: spec.leaseTransitions, trustedUntil: asked + this.#durationMs * TRUSTED_SHARE };
  }

  async #release(): Promise<void> {
    const { api, namespace, log } = this.#options;
    if (this.#tenure !== null) this.#end('we stop');
    if (!this.#mayHold) return;
    try {
      const object = this.#object ?? (await this.#look(this.#callMs()));
      if (object === null || !this.#isOurs(object)) return;
      const spec = { ...object.spec, renewTime: microTime(), holderIdentity: '', leaseDurationSeconds: 1 };
      await api.replace<LeaseObject>(RESOURCES.leases, namespace, { ...object, spec }, { timeLimitMs: this.#callMs() });
    } catch (error) {
      if (!isLost(error)) log.warn(`the lease can't be given up, others have to wait for its end: ${reasonOf(error)}`);
    }
  }

  #isOurs({ spec }: LeaseObject, fence: Fence | undefined = spec?.leaseTransitions): boolean {
    return spec?.holderIdentity === this.#options.identity && spec.leaseTransitions === fence;
  }

  /** Short enough that after a renewal which got no answer there is time for another try. */
  #callMs(): number {
    return this.#durationMs / 6;
  }

  #spec(): { holderIdentity: string; leaseDurationSeconds: number; renewTime: string } {
    return { holderIdentity: this.#options.identity, leaseDurationSeconds: this.#durationMs / 1000, renewTime: microTime() };
  }

  #endWhenOver(): void {
    if (this.#tenure !== null && this.#clock.now() >= this.#tenure.trustedUntil) this.#end('it was not renewed in time');
  }

  #end(why: string): void {
    const { log } = this.#options;
    log.info({ fence: this.#tenure?.fence }, `the lease is no longer ours: ${why}`);
    this.#tenure = null;
    this.#told();
  }

  #told(): void {
    for (const listener of this.#listeners) {
      try {
        listener();
      } catch (error) {
        this.#options.log.error({ err: error }, 'a listener of the lease failed');
      }
    }
  }
}

/** Somebody else wrote or deleted the record before us. */
function isLost(error: unknown): boolean {
  return error instanceof KubeError && (error.kind === 'conflict' || error.kind === 'already-exists' || error.kind === 'not-found');
}
