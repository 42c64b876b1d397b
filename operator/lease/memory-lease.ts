import type { Fence, Lease } from './lease.ts';

/** Who holds the lease, as all candidates in this process see it. */
export class LeaseRecord {
  holder: string | null = null;
  fence: Fence = 0;
  expiresAt = Number.NEGATIVE_INFINITY;
}

/** The holder stops to trust its tenure when this share of it is over, so that clocks may differ a little. */
const TRUSTED_SHARE = 2 / 3;

/** A lease among the operators of one process: those of a simulation, or the only one of a local cluster. */
export class MemoryLease implements Lease {
  readonly #record: LeaseRecord;
  readonly #holder: string;
  readonly #durationMs: number;
  #tenure: { readonly fence: Fence; readonly trustedUntil: number } | null = null;

  /** `durationMs`: how long a tenure lasts without being renewed. */
  constructor(record: LeaseRecord, holder: string, durationMs: number) {
    this.#record = record;
    this.#holder = holder;
    this.#durationMs = durationMs;
  }

  async acquire(now: number): Promise<Fence | null> {
    const record = this.#record;
    if (record.holder !== this.#holder) {
      if (record.holder !== null && now < record.expiresAt) return null;
      record.holder = this.#holder;
      record.fence += 1;
    }
    record.expiresAt = now + this.#durationMs;
    this.#tenure = { fence: record.fence, trustedUntil: now + this.#durationMs * TRUSTED_SHARE };
    return record.fence;
  }

  holds(fence: Fence, now: number): boolean {
    return this.#tenure !== null && this.#tenure.fence === fence && now < this.#tenure.trustedUntil;
  }

  async release(): Promise<void> {
    this.#tenure = null;
    if (this.#record.holder === this.#holder) this.#record.holder = null;
  }
}
