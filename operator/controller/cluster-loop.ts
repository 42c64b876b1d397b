import type { ChatCluster } from '../api/spec.ts';
import type { Action, Fleet } from '../fleet/fleet.ts';
import type { Fence, Lease } from '../lease/lease.ts';
import { Operator } from '../loop/operator.ts';
import type { StateStore } from '../loop/state-store.ts';
import { MetricSources } from '../sources/metric-sources.ts';
import type { ReadSecret } from '../sources/secrets.ts';
import type { ClusterStatus } from '../status/status.ts';
import { ObservedFleet } from './observed-fleet.ts';

/** A fleet that can be given new settings, and tells what it knows beside its gateways. */
export interface ManagedFleet extends Fleet {
  /** What gateways are created with from now on. */
  configure(cluster: ChatCluster): void;
  /** Gateways that people ask to drain. */
  drainRequests(): readonly string[];
  figures(): { readonly movedPerSecond: number; readonly deliveryLatencyMs: number | null };
  /** Runs what observes the gateways, until the signal. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

/** Is told what happens in the loop of one ChatCluster. */
export interface LoopObserver {
  /** After each round. `generation`: of the spec it was decided by. `durationMs`: from its start. */
  round(status: ClusterStatus, generation: number, durationMs: number): void;
  done(action: Action): void;
  failed(action: Action, error: unknown): void;
  problem(text: string): void;
}

export interface ClusterLoopOptions {
  readonly cluster: ChatCluster;
  /** The `metadata.generation` of its spec. */
  readonly generation: number;
  readonly fleet: ManagedFleet;
  readonly store: StateStore;
  /** The tenure that it works in; it ends with it. */
  readonly fence: Fence;
  readonly lease: Pick<Lease, 'holds'>;
  /** For what is asked for metrics. */
  readonly readSecret: ReadSecret;
  readonly observer: LoopObserver;
  /** Monotonic, ms. */
  readonly now: () => number;
}

/** The operator's loop over one ChatCluster, for as long as one tenure of the lease. */
export class ClusterLoop {
  readonly #options: ClusterLoopOptions;
  readonly #operator: Operator;
  readonly #sources: MetricSources;
  readonly #ending = new AbortController();
  #beganAt: number;
  #generation: number;
  #running: Promise<unknown> | null = null;

  constructor(options: ClusterLoopOptions) {
    const { cluster, fleet, store, fence, lease, observer, now } = options;
    this.#options = options;
    this.#sources = new MetricSources(cluster.spec.scaling.metrics, options.readSecret);
    this.#beganAt = now();
    this.#generation = options.generation;
    let generation = options.generation;
    this.#operator = new Operator({
      cluster,
      fleet: new ObservedFleet(fleet, observer),
      store,
      lease: {
        acquire: async (at) => {
          this.#beganAt = now();
          generation = this.#generation;
          return lease.holds(fence, at) ? fence : null;
        },
        holds: (asked, at) => asked === fence && lease.holds(fence, at),
        // It is the process's, not this loop's.
        release: async () => undefined,
      },
      problem: (text) => observer.problem(text),
      figures: () => fleet.figures(),
      drainRequests: () => fleet.drainRequests(),
      readings: () => this.#sources.read(),
    });
    this.#operator.onStatus((status) => observer.round(status, generation, now() - this.#beganAt));
  }

  /** Begins; `stop` ends it. */
  start(): void {
    const { signal } = this.#ending;
    this.#running ??= Promise.all([this.#options.fleet.run(signal), this.#operator.run(signal), this.#sources.run(signal)]);
  }

  /** What there should be from the next round on. */
  configure(cluster: ChatCluster, generation: number): void {
    this.#generation = generation;
    this.#options.fleet.configure(cluster);
    this.#sources.configure(cluster.spec.scaling.metrics);
    this.#operator.setCluster(cluster);
  }

  /** Ends it; resolves when what was under way is done. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  /** Since its last round began, ms. */
  silentMs(): number {
    return this.#options.now() - this.#beganAt;
  }
}
