import type { GatewayStatus } from '../../../protocol/admin.ts';
import { Figures } from '../figures.ts';
import { LoadMeter } from '../load-meter.ts';
import type { Pod } from './pod.ts';
import { conditionOf, isCordoned, isReady, processOf } from './pod-facts.ts';
import { phaseOf, type Sighting, UNREACHABLE_AFTER } from './pod-view.ts';

/** Two clocks at one moment, ms. */
export interface Instant {
  readonly wall: number;
  readonly monotonic: number;
}

/** What is known of a Pod beside itself. */
export interface Surroundings {
  /** The Service's EndpointSlices lead new clients to it. */
  readonly listed: boolean;
  readonly nodeGone: boolean;
  readonly zone: string | null;
}

/** Proxies need a moment to follow the EndpointSlices, ms. */
const PROXIES_MS = 1_000;
/** A node that is not known yet may be so new that its Pod was heard of earlier, ms. */
const NODE_GONE_MS = 40_000;
/** A node ends a Pod at the end of its grace period. One that is so much later still there, is there only for the API server, ms. */
const OVERDUE_MS = 60_000;

/** What is timed. */
type Fact = 'unlisted' | 'stillListed' | 'unready' | 'nodeGone' | 'terminating';

/** Keeps what was seen of one gateway over time; does no IO. A Pod's process may change, and what was known of the one before then counts no more. */
export class Lookout {
  /** What its process has done lately. */
  figures = new Figures();
  #meter = new LoadMeter();
  /** We deleted it. */
  deleted = false;
  #pod: Pod;
  #surroundings: Surroundings;
  #process: string | null;
  #seenFromStart: boolean;
  #status: GatewayStatus | null = null;
  #observed: Instant | null = null;
  #failures = 0;
  #failure: string | null = null;
  #createdAt: number;
  #readyAt: number | null = null;
  // Since when each is so, as far as it was seen; monotonic.
  readonly #since: Record<Fact, number | null> = {
    unlisted: null,
    stillListed: null,
    unready: null,
    nodeGone: null,
    terminating: null,
  };

  constructor(pod: Pod, surroundings: Surroundings, now: Instant) {
    this.#pod = pod;
    this.#surroundings = surroundings;
    this.#process = processOf(pod);
    this.#seenFromStart = this.#process === null;
    this.#createdAt = instantOf(pod.metadata.creationTimestamp) ?? now.wall;
    this.#update(now);
  }

  get pod(): Pod {
    return this.#pod;
  }

  get status(): GatewayStatus | null {
    return this.#status;
  }

  get failures(): number {
    return this.#failures;
  }

  /** It was created by us, no earlier than this; the API server's time stamps are by another clock, and coarse. */
  createdFrom(wall: number): void {
    this.#createdAt = Math.max(this.#createdAt, wall);
  }

  see(pod: Pod, surroundings: Surroundings, now: Instant): void {
    this.#pod = pod;
    this.#surroundings = surroundings;
    const process = processOf(pod);
    if (process !== this.#process) {
      this.#seenFromStart = process === null || this.#process === null;
      this.#process = process;
      this.#forgetProcess();
    }
    this.#update(now);
  }

  answered(status: GatewayStatus, now: Instant): void {
    this.#status = status;
    this.#observed = now;
    this.#failures = 0;
    this.#failure = null;
    this.figures.observe(status, now.monotonic);
    this.#meter.observe(status, now.monotonic);
    this.#update(now);
  }

  /** It answered, but with what was overtaken by a command. */
  alive(now: Instant): void {
    this.#failures = 0;
    this.#failure = null;
    this.#update(now);
  }

  failed(why: string, now: Instant): void {
    this.#failures += 1;
    this.#failure = why;
    this.#update(now);
  }

  /** Nobody new is led to it, and hasn't been for long enough that proxies know. */
  isForgotten(monotonic: number): boolean {
    return this.#for('unlisted', monotonic) >= PROXIES_MS;
  }

  get isListed(): boolean {
    return this.#surroundings.listed;
  }

  sighting(now: Instant): Sighting {
    this.#update(now);
    return this.#sighting(now.monotonic);
  }

  #sighting(monotonic: number): Sighting {
    const { unlisted } = this.#since;
    const graceMs = (this.#pod.metadata.deletionGracePeriodSeconds ?? 0) * 1000;
    return {
      status: this.#status,
      observedAt: this.#observed?.wall ?? null,
      failures: this.#failures,
      failure: this.#failure,
      seenFromStart: this.#seenFromStart,
      readyAt: this.#readyAt,
      createdAt: this.#createdAt,
      unreadyMs: this.#for('unready', monotonic),
      lost: this.#for('nodeGone', monotonic) >= NODE_GONE_MS || this.#for('terminating', monotonic) >= graceMs + OVERDUE_MS,
      deleted: this.deleted,
      settled: unlisted !== null && this.#observed !== null && this.#observed.monotonic >= unlisted + PROXIES_MS,
      stillListedMs: this.#for('stillListed', monotonic),
      zone: this.#surroundings.zone,
      load: this.#meter.load,
    };
  }

  #update({ wall, monotonic }: Instant): void {
    const pod = this.#pod;
    const { listed, nodeGone } = this.#surroundings;
    const accepts = this.#status?.state === 'accepting' && !this.#status.stopping;
    this.#note('unlisted', !listed, monotonic);
    this.#note('stillListed', listed && isCordoned(pod), monotonic);
    this.#note('unready', accepts && this.#readyAt !== null && !isReady(pod), monotonic);
    // One that answers is there, whatever is said of its node.
    const silent = this.#process === null || this.#failures >= UNREACHABLE_AFTER;
    this.#note('nodeGone', silent && nodeGone, monotonic);
    this.#note('terminating', silent && pod.metadata.deletionTimestamp !== undefined, monotonic);
    if (this.#readyAt === null && phaseOf(pod, this.#sighting(monotonic)) === 'ready') this.#readyAt = this.#readyFrom(wall);
  }

  #readyFrom(wall: number): number {
    const told = this.#seenFromStart ? null : instantOf(conditionOf(this.#pod, 'Ready')?.lastTransitionTime);
    return told === null || !isReady(this.#pod) ? wall : Math.min(wall, Math.max(told, this.#createdAt));
  }

  #forgetProcess(): void {
    this.#status = null;
    this.#observed = null;
    this.#failures = 0;
    this.#failure = null;
    this.#readyAt = null;
    this.figures = new Figures();
    this.#meter = new LoadMeter();
  }

  #note(fact: Fact, holds: boolean, monotonic: number): void {
    this.#since[fact] = holds ? (this.#since[fact] ?? monotonic) : null;
  }

  #for(fact: Fact, monotonic: number): number {
    const since = this.#since[fact];
    return since === null ? 0 : monotonic - since;
  }
}

function instantOf(time: string | undefined): number | null {
  const at = Date.parse(time ?? '');
  return Number.isNaN(at) ? null : at;
}
