import type { Admission, AdmissionResult } from './admission.ts';
import type { ConnectionTable } from './table.ts';

/** What admission is made of. */
export interface AdmissionOptions {
  readonly table: Pick<ConnectionTable, 'occupied'>;
  /** The most connections. */
  readonly capacity: number;
  /** Connections admitted in a second, in the long run; as many at once after a quiet second. */
  readonly ratePerSecond: number;
  /** Monotonic, ms. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** The least wait when the rate is used up, and when the gateway is full: a place gets free only when a client goes or a gateway is added. */
const RATE_WAIT_MS = 500;
const FULL_WAIT_MS = 2_000;
const MAX_WAIT_MS = 30_000;

const ACCEPT = { kind: 'accept' } as const;
const ACCEPT_AND_MIGRATE = { kind: 'accept-and-migrate' } as const;

/**
 * Takes connections up to the capacity and the accept rate.
 * - accepting: takes them. → cordoned, by `cordon`.
 * - cordoned: takes them, within the same limits, to hand them on at once. → accepting, by `uncordon`.
 *
 * Those that it refuses are thought of as a queue that is served at the accept rate. A refused client is told to come back after about the time
 * that this queue takes, half of it more or less at random: so they come back spread, and not more a second than can be admitted.
 */
export class AdmissionControl implements Admission {
  acceptedTotal = 0;
  refusedTotal = 0;
  #cordoned = false;
  readonly #options: AdmissionOptions;
  #tokens: number;
  #queued = 0;
  #at: number;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#tokens = Math.max(1, options.ratePerSecond);
    this.#at = options.now();
  }

  get cordoned(): boolean {
    return this.#cordoned;
  }

  cordon(): void {
    this.#cordoned = true;
  }

  uncordon(): void {
    this.#cordoned = false;
  }

  admit(): AdmissionResult {
    this.#pass();
    const { table, capacity } = this.#options;
    if (table.occupied(this.#at) >= capacity) return this.#refuse(FULL_WAIT_MS);
    if (this.#tokens < 1) return this.#refuse(RATE_WAIT_MS);
    this.#tokens--;
    this.acceptedTotal++;
    return this.#cordoned ? ACCEPT_AND_MIGRATE : ACCEPT;
  }

  reconnectSpreadMs(): number {
    const { table, ratePerSecond, now } = this.#options;
    return (table.occupied(now()) / ratePerSecond) * 1000;
  }

  #refuse(leastMs: number): AdmissionResult {
    const { ratePerSecond, random } = this.#options;
    this.refusedTotal++;
    this.#queued++;
    const waitMs = Math.min(MAX_WAIT_MS, leastMs + (this.#queued / ratePerSecond) * 1000);
    return { kind: 'refuse', retryAfterMs: Math.ceil(waitMs * (0.5 + random())) };
  }

  /** Lets the time since the last call pass: the tokens fill, the queue of the refused is served. */
  #pass(): void {
    const { ratePerSecond, now } = this.#options;
    const at = now();
    const served = (Math.max(0, at - this.#at) / 1000) * ratePerSecond;
    this.#at = at;
    this.#tokens = Math.min(Math.max(1, ratePerSecond), this.#tokens + served);
    this.#queued = Math.max(0, this.#queued - served);
  }
}
