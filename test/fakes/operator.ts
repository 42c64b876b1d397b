import type { ChatCluster } from '../../operator/api/spec.ts';
import type { Action, Fleet, GatewayView } from '../../operator/fleet/fleet.ts';
import type { Fate, SimulatedFleetOptions } from '../../operator/fleet/simulated/options.ts';
import { SimulatedFleet } from '../../operator/fleet/simulated/simulated-fleet.ts';
import { LeaseRecord, MemoryLease } from '../../operator/lease/memory-lease.ts';
import { Operator } from '../../operator/loop/operator.ts';
import { MemoryStateStore, type StateStore } from '../../operator/loop/state-store.ts';
import type { OperatorState } from '../../operator/snapshot.ts';

/** Sees what operators do, before and after each action and each round. */
export interface Observer {
  before?(action: Action, operator: string): void;
  after?(action: Action, operator: string): void;
  /** `clean`: an operator did a whole round, from its first look to its last action, and none of its actions failed. */
  afterRound?(clean: boolean): void;
  afterStep?(): void;
}

const LEASE_MS = 3_000;
const STEP_MS = 1_000;

/**
 * A simulated fleet and the operators on it, which can be killed between any two actions, and paused. Time goes on only by `step`.
 */
export class World {
  readonly fleet: SimulatedFleet;
  readonly lease = new LeaseRecord();
  readonly observer: Observer;
  /** Actions applied so far, failed ones included. */
  actions = 0;
  problems: string[] = [];
  cluster: ChatCluster;
  /** Since when the ChatCluster is being removed, ms. */
  removedAt: number | null = null;
  readonly #store = new MemoryStateStore();
  #saved: OperatorState | null = null;
  readonly #fates: Fate[] = [];
  #operators: Process[] = [];
  #started = 0;

  constructor(options: Omit<SimulatedFleetOptions, 'fate'>, observer: Observer = {}) {
    this.cluster = options.cluster;
    this.observer = observer;
    this.fleet = new SimulatedFleet({ ...options, fate: () => this.#fates.shift() ?? 'done' });
    this.start();
  }

  /** Starts one more operator; the lease says which one acts. */
  start(): void {
    this.#started += 1;
    this.#operators.push(new Process(this, `operator-${this.#started}`, this.#store));
  }

  /** The one that acts now, or will. */
  operator(): Operator {
    const acting = this.#operators.find((process) => process.name === this.lease.holder) ?? this.#operators[0];
    if (acting === undefined) throw new Error('no operator runs');
    return acting.operator;
  }

  /** Gateways that people asked to drain, as far as it was saved. */
  drainRequests(): readonly string[] {
    return this.#saved?.drainRequests ?? [];
  }

  /** The last request to even out the connections that was met. */
  rebalanced(): string | null {
    return this.#saved?.memory.planning.rebalanced ?? null;
  }

  /** Kills the operators after so many more of their actions; another one starts at once. */
  killAfter(actions: number): void {
    for (const process of this.#operators) process.killIn = actions;
  }

  /** The one that acts stands still after so many more of its actions, until `resume`; a second operator is there. */
  pauseAfter(actions: number): void {
    if (this.#operators.length < 2) this.start();
    const acting = this.#operators.find((process) => process.name === this.lease.holder);
    if (acting !== undefined) acting.pauseIn = actions;
  }

  resume(): void {
    for (const process of this.#operators) process.resume();
  }

  /** The next actions fail so. */
  fail(...fates: readonly Fate[]): void {
    this.#fates.push(...fates);
  }

  setCluster(cluster: ChatCluster): void {
    this.cluster = cluster;
    if (cluster.controls.removing) this.removedAt ??= this.fleet.now;
    this.fleet.configure(cluster);
    for (const { operator } of this.#operators) operator.setCluster(cluster);
  }

  saved(state: OperatorState): void {
    this.#saved = state;
  }

  /** No more faults, and all that was broken is whole. */
  heal(): void {
    this.#fates.length = 0;
    for (const process of this.#operators) process.killIn = process.pauseIn = Number.POSITIVE_INFINITY;
    this.resume();
    for (const gateway of this.fleet.gateways()) this.fleet.setReachable(gateway.name, true);
  }

  /** A round of each operator, then a second. */
  async step(): Promise<void> {
    const before = this.problems.length;
    const whole = new Set<string>();
    await Promise.all(this.#operators.map(async (process) => (await process.round()) && whole.add(process.name)));
    if (this.#operators.some((process) => process.isDead)) {
      this.#operators = this.#operators.filter((process) => !process.isDead);
      if (this.#operators.length === 0) this.start();
    }
    this.observer.afterRound?.(whole.has(this.lease.holder ?? '') && this.problems.length === before);
    this.fleet.advance(STEP_MS);
    this.observer.afterStep?.();
  }

  /** Steps until nothing was done for `quiet` steps. False when that didn't come within `most`. */
  async settle(quiet: number, most: number): Promise<boolean> {
    let still = 0;
    for (let i = 0; i < most && still < quiet; i++) {
      const before = this.actions;
      await this.step();
      still = this.actions === before ? still + 1 : 0;
    }
    return still >= quiet;
  }
}

/** One operator process: what it may reach ends with it, and stands still with it. */
class Process implements Fleet, StateStore {
  readonly name: string;
  readonly operator: Operator;
  killIn = Number.POSITIVE_INFINITY;
  pauseIn = Number.POSITIVE_INFINITY;
  isDead = false;
  readonly #world: World;
  readonly #store: StateStore;
  #pause: { readonly over: Promise<void>; readonly end: () => void } | null = null;
  #running: Promise<void> | null = null;

  constructor(world: World, name: string, store: StateStore) {
    this.#world = world;
    this.#store = store;
    this.name = name;
    this.operator = new Operator({
      cluster: world.cluster,
      fleet: this,
      store: this,
      lease: new MemoryLease(world.lease, name, LEASE_MS),
      problem: () => undefined,
      clock: { now: () => world.fleet.now, sleep: async () => undefined },
    });
  }

  get isPaused(): boolean {
    return this.#pause !== null;
  }

  /** Resolves when the round is over, or the process stands still or is dead. True when a round was begun and is over: none that it stood still in. */
  async round(): Promise<boolean> {
    if (this.isPaused) return false;
    const isNew = this.#running === null;
    this.#running ??= this.operator.round().finally(() => {
      this.#running = null;
    });
    while (this.#running !== null && !this.isPaused && !this.isDead) await Promise.race([this.#running, Promise.resolve()]);
    return isNew && this.#running === null;
  }

  resume(): void {
    this.#pause?.end();
    this.#pause = null;
  }

  async list(): Promise<readonly GatewayView[]> {
    await this.#go();
    return this.#world.fleet.list();
  }

  revision(): string {
    return this.#world.fleet.revision();
  }

  problems(): readonly string[] {
    return this.#world.fleet.problems();
  }

  async apply(action: Action): Promise<void> {
    await this.#go();
    const { observer, fleet, problems } = this.#world;
    observer.before?.(action, this.name);
    this.#world.actions += 1;
    let failure: unknown = null;
    try {
      fleet.applyNow(action);
    } catch (error) {
      failure = error;
      problems.push(`${action.kind} ${action.gateway}: ${String(error)}`);
    }
    observer.after?.(action, this.name);
    this.killIn -= 1;
    this.pauseIn -= 1;
    if (this.pauseIn < 0) this.#standStill();
    // It dies or stands still with the action done, and its own next step not yet taken.
    await this.#go();
    if (failure !== null) throw failure;
  }

  watch(): void {}

  async load(): Promise<OperatorState | null> {
    await this.#go();
    return this.#store.load();
  }

  async save(state: OperatorState): Promise<void> {
    await this.#go();
    this.#world.saved(state);
    return this.#store.save(state);
  }

  #standStill(): void {
    this.pauseIn = Number.POSITIVE_INFINITY;
    let end = (): void => undefined;
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#pause = { over, end };
  }

  /** Goes on when it may; never when it is dead. */
  async #go(): Promise<void> {
    if (this.killIn < 0) this.isDead = true;
    if (this.isDead) await new Promise<never>(() => undefined);
    if (this.#pause !== null) await this.#pause.over;
  }
}
