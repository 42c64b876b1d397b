import { revisionOf } from '../../api/revision.ts';
import type { ChatCluster } from '../../api/spec.ts';
import { seededRandom } from '../../simulate/random.ts';
import type { Action, Fleet, GatewayView } from '../fleet.ts';
import { SimulatedClients } from './clients.ts';
import { SimulatedGateway, viewOf } from './gateway.ts';
import type { SimulatedFleetOptions, SimulatedTotals } from './options.ts';

const STARTUP_MS = 3_000;
const CLIENT_DELAY_MS = 200;
const STOP_MS = 1_000;

/**
 * The Fleet in virtual time. Clients are counts; whoever drives it says how many come, go or lose their connection, lets time pass with `advance`, and breaks
 * what is to be broken. Nothing happens between two calls.
 */
export class SimulatedFleet implements Fleet {
  readonly totals: SimulatedTotals = { moved: 0, forced: 0, closedByDelete: 0, refused: 0, crashes: 0 };
  readonly #options: Required<Omit<SimulatedFleetOptions, 'cluster' | 'seed'>>;
  readonly #clients: SimulatedClients;
  readonly #watchers = new Set<() => void>();
  #gateways: SimulatedGateway[] = [];
  /** Those that take connections; `null` when it must be found out anew. */
  #accepting: SimulatedGateway[] | null = null;
  #cluster: ChatCluster;
  #revision: string;
  #now: number;

  constructor(options: SimulatedFleetOptions) {
    this.#options = {
      startAt: options.startAt ?? 0,
      zones: options.zones ?? [],
      behaviour: options.behaviour ?? (() => ({ startupMs: STARTUP_MS })),
      fate: options.fate ?? (() => 'done'),
      clientDelayMs: options.clientDelayMs ?? CLIENT_DELAY_MS,
      load: options.load ?? null,
      stopMs: options.stopMs ?? STOP_MS,
    };
    this.#cluster = options.cluster;
    this.#revision = revisionOf(options.cluster.spec);
    this.#now = this.#options.startAt;
    const around = {
      gateways: () => this.#gateways,
      acceptors: () => this.#acceptors(),
      spec: () => this.#cluster.spec,
      now: () => this.#now,
      totals: this.totals,
    };
    this.#clients = new SimulatedClients(around, seededRandom(options.seed));
  }

  /** Virtual wall clock, ms. */
  get now(): number {
    return this.#now;
  }

  /** Clients that have no connection and want one. */
  get waiting(): number {
    return this.#clients.waiting;
  }

  /** Connections that there truly are. */
  get connections(): number {
    return this.#clients.connected;
  }

  /** The gateways themselves: they change as time goes on. `list` gives copies. */
  gateways(): readonly SimulatedGateway[] {
    return this.#gateways;
  }

  gateway(name: string): SimulatedGateway | undefined {
    return this.#gateways.find((gateway) => gateway.name === name);
  }

  async list(): Promise<readonly GatewayView[]> {
    return this.#gateways.map(viewOf);
  }

  revision(): string {
    return this.#revision;
  }

  problems(): readonly string[] {
    return [];
  }

  /** What gateways are created with from now on, and how connections are balanced. */
  configure(cluster: ChatCluster): void {
    this.#cluster = cluster;
    this.#revision = revisionOf(cluster.spec);
  }

  async apply(action: Action): Promise<void> {
    this.applyNow(action);
  }

  /** As `apply`, but throws. */
  applyNow(action: Action): void {
    const fate = this.#options.fate(action);
    if (fate === 'failed') throw new Error('it failed, as the simulation wanted');
    this.#apply(action);
    if (fate === 'failed-after-effect') throw new Error('it failed after it was done, as the simulation wanted');
  }

  watch(changed: () => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#watchers.add(changed);
    signal.addEventListener('abort', () => this.#watchers.delete(changed), { once: true });
  }

  /** New clients try to connect now; those that are refused try again. */
  arrive(count: number): void {
    this.#clients.arrive(count);
    this.#observe();
  }

  /** So many clients leave for good, wherever they are. */
  leave(count: number): void {
    this.#clients.leave(count);
    this.#observe();
  }

  /** Lets clients come or go until there are so many, with or without a connection. */
  setClients(count: number): void {
    const present = this.connections + this.waiting;
    if (count > present) this.arrive(count - present);
    else if (count < present) this.leave(present - count);
  }

  /** So many lose their connection at once, as when a network fails for a moment, and come back. */
  disconnect(count: number): void {
    this.#clients.disconnect(count);
    this.#observe();
  }

  /** A gateway dies, and its connections with it. */
  crash(name: string): void {
    const gateway = this.gateway(name);
    if (gateway === undefined || gateway.phase === 'dead') return;
    this.totals.crashes += 1;
    const lost = gateway.end('dead');
    this.#changed();
    this.#clients.comeBack(lost);
  }

  /** A gateway answers no longer, or again; its clients stay served. */
  setReachable(name: string, reachable: boolean): void {
    const gateway = this.gateway(name);
    if (gateway?.phase === 'ready' && !reachable) gateway.phase = 'unreachable';
    else if (gateway?.phase === 'unreachable' && reachable) gateway.phase = 'ready';
    else return;
    gateway.observe(this.#now);
    this.#changed();
  }

  /** A gateway is told to stop by somebody else, and drains itself before it ends. */
  terminate(name: string): void {
    const gateway = this.gateway(name);
    if (gateway === undefined || gateway.phase === 'dead' || gateway.phase === 'terminating') return;
    const { timeoutMs } = this.#cluster.spec.drain;
    gateway.startDrain(this.#now, Math.max(1, (gateway.held * 1.25) / (timeoutMs / 1000)), timeoutMs);
    gateway.phase = 'terminating';
    this.#changed();
  }

  /**
   * A gateway is killed as one that knows of no drain: it takes no new connection from now on, keeps its own until `graceMs` are over, and then ends with
   * those that are left.
   */
  kill(name: string, graceMs: number): void {
    const gateway = this.gateway(name);
    if (gateway === undefined || gateway.phase === 'dead' || gateway.phase === 'terminating') return;
    gateway.phase = 'terminating';
    gateway.endsAt = this.#now + graceMs;
    this.#changed();
  }

  /** Lets `ms` pass. */
  advance(ms: number): void {
    const since = this.#now;
    this.#now += ms;
    for (const gateway of this.#gateways) {
      if (gateway.phase === 'starting' && this.#now >= gateway.readyDueAt) this.#ready(gateway);
      gateway.admits = Math.ceil((gateway.acceptRatePerSecond * ms) / 1000);
      if (gateway.isMoving) this.#move(gateway, ms);
    }
    this.#clients.advance(since);
    this.#end();
    this.#observe();
  }

  #ready(gateway: SimulatedGateway): void {
    gateway.phase = 'ready';
    gateway.readyAt = this.#now;
    this.#changed();
  }

  #move(gateway: SimulatedGateway, ms: number): void {
    const closed = gateway.closeOverdue(this.#now, ms);
    this.totals.forced += closed;
    this.#clients.comeBack(closed);
    this.totals.moved += gateway.ask(this.#now, ms, this.#options.clientDelayMs);
  }

  #acceptors(): SimulatedGateway[] {
    this.#accepting ??= this.#gateways.filter((gateway) => gateway.isAccepting);
    return this.#accepting;
  }

  #end(): void {
    const ended = this.#gateways.filter((gateway) => gateway.phase === 'terminating' && this.#isOver(gateway));
    if (ended.length === 0) return;
    for (const gateway of ended) {
      const lost = gateway.end('terminating');
      this.totals.closedByDelete += lost;
      this.#clients.comeBack(lost);
    }
    this.#gateways = this.#gateways.filter((gateway) => !ended.includes(gateway));
    this.#changed();
  }

  #isOver({ endsAt, drain, held }: SimulatedGateway): boolean {
    return this.#now >= endsAt || (drain !== null && held === 0);
  }

  #observe(): void {
    for (const gateway of this.#gateways) gateway.observe(this.#now);
  }

  #changed(): void {
    this.#accepting = null;
    for (const changed of this.#watchers) changed();
  }

  #apply(action: Action): void {
    const gateway = this.gateway(action.gateway);
    if (action.kind === 'create') {
      if (gateway === undefined) this.#create(action.gateway);
      return;
    }
    if (gateway === undefined) return;
    if (action.kind === 'delete') {
      this.#delete(gateway);
      return;
    }
    if (gateway.phase === 'dead') return;
    if (gateway.phase === 'unreachable' && action.kind !== 'cordon') throw new Error(`${gateway.name} does not answer`);
    const isOver = gateway.phase === 'terminating';
    this.#accepting = null;
    switch (action.kind) {
      case 'cordon':
        gateway.cordoned = true;
        break;
      case 'uncordon':
        if (!isOver) gateway.undo();
        break;
      case 'drain':
        if (!isOver || gateway.drain !== null) gateway.startDrain(this.#now, action.ratePerSecond, action.timeoutMs);
        break;
      case 'shed':
        if (!isOver) gateway.startShed(action.count, action.ratePerSecond);
        break;
    }
  }

  #create(name: string): void {
    const { behaviour, zones, load } = this.#options;
    const { startupMs, gapShare = 0, lookedAtMs = null } = behaviour(name, this.#revision);
    const { connectionsPerGateway, acceptRatePerSecond } = this.#cluster.spec.gateway;
    const gateway = new SimulatedGateway({
      name,
      ordinal: Number(/\d+$/.exec(name)?.[0] ?? 0),
      revision: this.#revision,
      capacity: connectionsPerGateway,
      acceptRatePerSecond,
      createdAt: this.#now,
      zone: this.#emptiest(zones),
      readyDueAt: startupMs === null ? Number.POSITIVE_INFINITY : this.#now + startupMs,
      gapShare,
      lookedAtMs,
      messagesPerConnection: load?.messagesPerConnection ?? null,
    });
    this.#gateways.push(gateway);
  }

  #emptiest(zones: readonly string[]): string | null {
    let best: string | null = null;
    let least = Number.POSITIVE_INFINITY;
    for (const zone of zones) {
      const count = this.#gateways.filter((gateway) => gateway.zone === zone).length;
      if (count < least) [best, least] = [zone, count];
    }
    return best;
  }

  #delete(gateway: SimulatedGateway): void {
    if (gateway.phase === 'dead') {
      this.#gateways = this.#gateways.filter((other) => other !== gateway);
    } else if (gateway.endsAt === Number.POSITIVE_INFINITY) {
      const lost = gateway.end('terminating');
      this.totals.closedByDelete += lost;
      this.#clients.comeBack(lost);
      gateway.endsAt = this.#now + this.#options.stopMs;
    }
    this.#changed();
  }
}
