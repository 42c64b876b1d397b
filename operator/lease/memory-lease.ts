import type { Fence, Lease } from './lease.ts';

/** Who holds a lease now: what operators of one process share. Begins held by nobody. */
export interface LeaseRecord {
  holder: string | null;
  fence: Fence;
  /** Wall clock, ms. */
  expiresAt: number;
}

export const newLeaseRecord = (): LeaseRecord => ({ holder: null, fence: 0, expiresAt: 0 });

/** A lease that stands in memory: for operators of one process. It is valid for `ttlMs` from its last renewal. */
export class MemoryLease implements Lease {
  readonly #record: LeaseRecord;
  readonly #holder: string;
  readonly #ttlMs: number;

  constructor(record: LeaseRecord, holder: string, ttlMs: number) {
    this.#record = record;
    this.#holder = holder;
    this.#ttlMs = ttlMs;
  }

  async acquire(now: number): Promise<Fence | null> {
    const record = this.#record;
    const isFree = record.holder === null || now >= record.expiresAt;
    if (record.holder !== this.#holder && !isFree) return null;
    // A tenure that ran out is over, even if nobody else had one meanwhile.
    if (record.holder !== this.#holder || isFree) record.fence++;
    record.holder = this.#holder;
    record.expiresAt = now + this.#ttlMs;
    return record.fence;
  }

  holds(fence: Fence, now: number): boolean {
    return this.#record.holder === this.#holder && this.#record.fence === fence && now < this.#record.expiresAt;
  }

  async release(): Promise<void> {
    if (this.#record.holder === this.#holder) this.#record.holder = null;
  }
}
