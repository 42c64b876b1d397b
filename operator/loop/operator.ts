import type { ChatCluster } from '../api/spec.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Fence, Lease } from '../lease/lease.ts';
import { emptyPlanningMemory } from '../planning/memory.ts';
import { type Plan, plan } from '../planning/plan.ts';
import { RatesInForce } from '../planning/rates-in-force.ts';
import { emptyScalingMemory } from '../scaling/memory.ts';
import type { MetricReading } from '../scaling/metrics/measured.ts';
import { recommend } from '../scaling/recommend.ts';
import { leadFor, withLimitsInForce } from '../scaling/schedules/in-force.ts';
import type { Memory, Recommendation, Snapshot } from '../snapshot.ts';
import { buildStatus, type StatusInput } from '../status/build.ts';
import { recordDecisions } from '../status/decisions.ts';
import type { ClusterStatus, Decision } from '../status/status.ts';
import { act } from './act.ts';
import { type Clock, systemClock } from './clock.ts';
import { DrainRequests } from './drain-requests.ts';
import { Problems } from './problems.ts';
import { Overtaken, type StateStore } from './state-store.ts';

export interface OperatorOptions {
  readonly cluster: ChatCluster;
  readonly fleet: Fleet;
  readonly store: StateStore;
  readonly lease: Lease;
  /** Gets a line about what failed; what goes well is told by the status. */
  readonly problem: (text: string) => void;
  /** What a fleet knows beside its gateways. Connections asked to move per second; delivery latency, ms. */
  readonly figures?: () => { readonly movedPerSecond: number; readonly deliveryLatencyMs: number | null };
  /**
   * Gateways that people ask to drain, from an outside source of truth that is read in each round: a name that appears is requested, one that vanishes is
   * taken back. Without it, `requestDrain` and `cancelDrain` say so.
   */
  readonly drainRequests?: () => readonly string[];
  /** What asking elsewhere for metrics has led to so far. Asking itself is nothing that a round waits for. */
  readonly readings?: () => readonly MetricReading[];
  readonly clock?: Clock;
}

/** Between two rounds at least, however much happens, ms. */
const LEAST_GAP_MS = 100;

/**
 * The control loop of one ChatCluster: observe, recommend, plan, act, report. Level-triggered: each round starts from what there is, so one that failed
 * or was cut off is made up for by the next. It acts only while it holds the lease, and with each tenure begins from the stored state, as it does when that
 * was overtaken.
 */
export class Operator {
  readonly #options: OperatorOptions;
  readonly #clock: Clock;
  readonly #problems: Problems;
  readonly #requests: DrainRequests;
  readonly #listeners = new Set<(status: ClusterStatus) => void>();
  #cluster: ChatCluster;
  #fence: Fence | null = null;
  #memory: Memory = emptyMemory();
  #decisions: readonly Decision[] = [];
  /** What the last round knew at its end; the status is built from it when somebody looks. */
  #last: Omit<StatusInput, 'decisions' | 'movedPerSecond' | 'deliveryLatencyMs' | 'previous'> | null = null;
  #status: ClusterStatus | null = null;
  #wakeUp: (() => void) | null = null;
  #woken = false;

  constructor(options: OperatorOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#problems = new Problems(options.problem);
    this.#requests = new DrainRequests(() => this.#wake(), options.drainRequests);
    this.#cluster = options.cluster;
  }

  /** Runs rounds until the signal, every `spec.scaling.interval` and when the fleet says that something happened; then gives up the lease. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const wake = () => this.#wake();
    signal.addEventListener('abort', wake);
    this.#options.fleet.watch(wake, signal);
    while (!signal.aborted) {
      const nextAt = this.#clock.now() + this.#cluster.spec.scaling.intervalMs;
      await this.round(signal);
      const restsUntil = this.#clock.now() + LEAST_GAP_MS;
      await this.#untilWoken(nextAt - this.#clock.now(), signal);
      await this.#sleep(restsUntil - this.#clock.now(), signal);
    }
    signal.removeEventListener('abort', wake);
    await this.#options.lease.release().catch(() => undefined);
  }

  /** One round. Never rejects: what fails is told, and done by the next. */
  async round(signal?: AbortSignal): Promise<void> {
    try {
      await this.#round(signal);
    } catch (error) {
      if (error instanceof Overtaken) {
        this.#fence = null;
        this.#wake();
        return;
      }
      this.#problems.tell(error instanceof Error ? error.message : String(error), this.#clock.now());
    }
  }

  /** What there should be from the next round on. */
  setCluster(cluster: ChatCluster): void {
    this.#cluster = cluster;
    this.#wake();
  }

  /** Drains a gateway whatever the load says, as soon as the others have room. False when there is none of that name, or when requests come from outside. */
  requestDrain(gateway: string): boolean {
    if (!this.#mayAsk(gateway)) return false;
    this.#requests.add(gateway);
    return true;
  }

  /** Takes back a drain, whoever wanted it, or a cordon. False as for `requestDrain`. */
  cancelDrain(gateway: string): boolean {
    if (!this.#mayAsk(gateway)) return false;
    this.#requests.cancel(gateway);
    return true;
  }

  /** As of the last round; `null` before the first. */
  status(): ClusterStatus | null {
    if (this.#last !== null) {
      const figures = this.#options.figures?.() ?? { movedPerSecond: 0, deliveryLatencyMs: null };
      this.#status = buildStatus({ ...this.#last, ...figures, decisions: this.#decisions, previous: this.#status });
    }
    return this.#status;
  }

  /** Calls `listener` after each round. Answers what ends that. */
  onStatus(listener: (status: ClusterStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #round(signal: AbortSignal | undefined): Promise<void> {
    const { fleet, lease, store } = this.#options;
    const fence = await lease.acquire(this.#clock.now());
    if (fence === null) {
      this.#fence = null;
      return;
    }
    if (fence !== this.#fence) await this.#begin(fence);
    const gateways = await fleet.list();
    this.#requests.observe(gateways);
    const now = this.#clock.now();
    const snapshot: Snapshot = {
      now,
      cluster: withLimitsInForce(this.#cluster, now, leadFor(this.#memory.scaling)),
      revision: fleet.revision(),
      gateways,
      drainRequests: this.#requests.list(),
      takeBacks: this.#requests.takeBacks(),
      readings: this.#options.readings?.() ?? [],
    };
    const scaled = recommend(snapshot, this.#memory.scaling);
    const planned = plan(snapshot, scaled.recommendation, this.#memory.planning);
    this.#memory = { scaling: scaled.memory, planning: planned.memory };
    await store.save({ memory: this.#memory, drainRequests: this.#requests.lasting(), decisions: this.#decisions });
    const { removing } = snapshot.cluster.controls;
    // What was planned for a ChatCluster that stays is no good for one that goes.
    const mayAct = () => signal?.aborted !== true && this.#cluster.controls.removing === removing && lease.holds(fence, this.#clock.now());
    const acted = await act(planned.actions, {
      fleet,
      mayAct,
      rates: new RatesInForce(gateways),
      budget: this.#cluster.spec.drain.maxConnectionsPerSecond,
    });
    for (const failure of acted.failures) this.#problems.tell(failure, this.#clock.now());
    this.#report(snapshot, scaled.recommendation, planned, acted.failures);
  }

  async #begin(fence: Fence): Promise<void> {
    const state = await this.#options.store.load();
    if (state !== null) {
      this.#memory = state.memory;
      this.#decisions = state.decisions;
      this.#requests.restore(state.drainRequests);
    }
    this.#fence = fence;
  }

  #report(snapshot: Snapshot, recommendation: Recommendation, { actions, waiting, rollout }: Plan, failures: readonly string[]): void {
    const { now, gateways } = snapshot;
    this.#decisions = recordDecisions(this.#decisions, { now, gateways, recommendation, waiting, actions });
    const problems = this.#options.fleet.problems();
    this.#last = { snapshot, recommendation, waiting, rollout, desired: this.#memory.scaling.desired, actions, failures, problems };
    if (this.#listeners.size === 0) return;
    const status = this.status();
    if (status !== null) for (const listener of this.#listeners) listener(status);
  }

  #mayAsk(name: string): boolean {
    if (this.#options.drainRequests !== undefined) return false;
    const gateway = this.#last?.snapshot.gateways.find((other) => other.name === name);
    return gateway !== undefined && gateway.phase !== 'dead' && gateway.phase !== 'terminating';
  }

  #wake(): void {
    this.#woken = true;
    this.#wakeUp?.();
  }

  async #untilWoken(ms: number, signal: AbortSignal): Promise<void> {
    if (ms > 0 && !this.#woken && !signal.aborted) {
      const sleeping = new AbortController();
      this.#wakeUp = () => sleeping.abort();
      await this.#clock.sleep(ms, sleeping.signal);
      this.#wakeUp = null;
    }
    this.#woken = false;
  }

  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (ms > 0 && !signal.aborted) await this.#clock.sleep(ms, signal);
  }
}

const emptyMemory = (): Memory => ({ scaling: emptyScalingMemory(), planning: emptyPlanningMemory() });
