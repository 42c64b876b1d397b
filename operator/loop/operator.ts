import type { ChatCluster } from '../api/spec.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Lease } from '../lease/lease.ts';
import type { Memory } from '../snapshot.ts';
import { buildStatus } from '../status/build.ts';
import { recordDecisions } from '../status/decisions.ts';
import type { ClusterStatus, Decision } from '../status/status.ts';
import type { Clock } from './clock.ts';
import { act, decide, emptyMemory, observe, type Round } from './round.ts';
import type { StateStore } from './state-store.ts';
import { Wake } from './wake.ts';

export interface OperatorOptions {
  readonly cluster: ChatCluster;
  readonly fleet: Fleet;
  readonly store: StateStore;
  readonly lease: Lease;
  readonly clock: Clock;
  /** What is measured of the fleet beside its gateways, for the status. */
  readonly figures: () => { readonly movedPerSecond: number; readonly deliveryLatencyMs: number | null };
  /** Hears of each round that did something or failed. */
  readonly log: (round: Round) => void;
}

/**
 * The control loop of one ChatCluster: observe, recommend, plan, act, report; every `spec.scaling.interval`, and at once when the fleet changed.
 * It is level-triggered: nothing but what stands in the store is needed to go on after it died anywhere.
 */
export class Operator {
  readonly #options: OperatorOptions;
  readonly #wake = new Wake();
  readonly #listeners = new Set<(status: ClusterStatus) => void>();
  #cluster: ChatCluster;
  #drainRequests: ReadonlySet<string> = new Set();
  #memory: Memory | null = null;
  #decisions: readonly Decision[] = [];
  #last: Round | null = null;
  #status: ClusterStatus | null = null;

  constructor(options: OperatorOptions) {
    this.#options = options;
    this.#cluster = options.cluster;
  }

  /** Runs until the signal; then gives the lease up. A round that fails as a whole is logged by the caller's `failed` and tried again. */
  async run(signal: AbortSignal, failed: (error: unknown) => void): Promise<void> {
    const { fleet, clock, lease } = this.#options;
    fleet.watch(() => this.#wake.set(), signal);
    while (!signal.aborted) {
      await this.round().catch(failed);
      await this.#wake.wait(this.#cluster.spec.scaling.intervalMs, clock, signal);
    }
    await lease.release();
  }

  /** One round, if this operator may act now; `null` when another one holds the lease. */
  async round(): Promise<Round | null> {
    const { fleet, clock, lease } = this.#options;
    const fence = await lease.acquire(clock.now());
    if (fence === null) {
      // Whoever acts meanwhile goes on from there.
      this.#memory = null;
      return null;
    }
    if (this.#memory === null) await this.#load();
    const snapshot = await observe(fleet, this.#cluster, [...this.#drainRequests], clock.now());
    this.#forgetDrained(snapshot.gateways.map(({ name }) => name));
    const decided = decide(snapshot, this.#memory ?? emptyMemory());
    this.#memory = decided.memory;
    // Saved before anything is done: a name that was given must never be given again.
    await this.#save(decided.memory);
    const failures = await act(fleet, decided.actions, () => lease.holds(fence, clock.now()));
    return this.#report({ snapshot, ...decided, failures });
  }

  /** What people want from now on. */
  setCluster(cluster: ChatCluster): void {
    this.#cluster = cluster;
    this.#wake.set();
  }

  /** Drains a gateway whatever the desired number; others replace it. */
  requestDrain(gateway: string): void {
    this.#request(new Set([...this.#drainRequests, gateway]));
  }

  /** Takes such a request back; scaling decides what becomes of the gateway. */
  cancelDrain(gateway: string): void {
    this.#request(new Set([...this.#drainRequests].filter((name) => name !== gateway)));
  }

  /** The status after the last round; `null` before the first. */
  status(): ClusterStatus | null {
    const round = this.#last;
    if (round === null) return null;
    if (this.#status === null || this.#status.at !== round.snapshot.now) {
      this.#status = buildStatus({
        ...round,
        desired: round.memory.scaling.desired,
        decisions: this.#decisions,
        ...this.#options.figures(),
        previous: this.#status,
      });
    }
    return this.#status;
  }

  /** Calls `listener` after each round; answers how to end that. */
  onStatus(listener: (status: ClusterStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #request(requests: ReadonlySet<string>): void {
    this.#drainRequests = requests;
    this.#wake.set();
  }

  async #load(): Promise<void> {
    const state = await this.#options.store.load();
    this.#memory = state?.memory ?? emptyMemory();
    this.#drainRequests = new Set([...(state?.drainRequests ?? []), ...this.#drainRequests]);
  }

  async #save(memory: Memory): Promise<void> {
    await this.#options.store.save({ memory, drainRequests: [...this.#drainRequests] });
  }

  #forgetDrained(gateways: readonly string[]): void {
    const left = [...this.#drainRequests].filter((name) => gateways.includes(name));
    if (left.length < this.#drainRequests.size) this.#drainRequests = new Set(left);
  }

  #report(round: Round): Round {
    this.#last = round;
    this.#decisions = recordDecisions(this.#decisions, { now: round.snapshot.now, gateways: round.snapshot.gateways, ...round });
    if (round.actions.length > 0 || round.failures.length > 0) this.#options.log(round);
    if (this.#listeners.size > 0) {
      const status = this.status();
      if (status !== null) for (const listener of this.#listeners) listener(status);
    }
    return round;
  }
}
