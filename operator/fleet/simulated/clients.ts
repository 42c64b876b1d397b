import type { ChatClusterSpec } from '../../api/spec.ts';
import type { Random } from '../../simulate/random.ts';
import { Balance } from './balance.ts';
import { leaveFrom } from './departures.ts';
import type { SimulatedGateway } from './gateway.ts';
import type { SimulatedTotals } from './options.ts';
import { Returning } from './returning.ts';

/** A client that was refused tries again within this time, ms. */
const RETRY_MS = 2_000;
/** Clients whose gateway is gone come back within at least this time, ms. */
const LEAST_SPREAD_MS = 1_000;

/** The fleet as its clients find it. */
export interface Surroundings {
  readonly gateways: () => readonly SimulatedGateway[];
  /** Those that take connections. */
  readonly acceptors: () => SimulatedGateway[];
  readonly spec: () => ChatClusterSpec;
  /** Virtual wall clock, ms. */
  readonly now: () => number;
  readonly totals: SimulatedTotals;
}

/** The clients of a simulated fleet, as counts: those that are connected the gateways hold, those that want to be are here. */
export class SimulatedClients {
  readonly #around: Surroundings;
  readonly #random: Random;
  readonly #balance: Balance;
  readonly #returning = new Returning();

  constructor(around: Surroundings, random: Random) {
    this.#around = around;
    this.#random = random;
    this.#balance = new Balance(random);
  }

  /** Those that have no connection and want one. */
  get waiting(): number {
    return this.#returning.count;
  }

  get connected(): number {
    let sum = 0;
    for (const gateway of this.#around.gateways()) sum += gateway.held;
    return sum;
  }

  /** New ones try to connect now; those that are refused try again. */
  arrive(count: number): void {
    this.#connect(count, 'new');
  }

  /** So many leave for good, wherever they are. */
  leave(count: number): void {
    const { connected, waiting } = this;
    const all = connected + waiting;
    const offline = this.#returning.leave(all === 0 ? 0 : Math.round((Math.min(count, all) * waiting) / all));
    leaveFrom(this.#around.gateways(), Math.min(count - offline, connected), this.#random);
  }

  /** So many lose their connection at once, and come back. */
  disconnect(count: number): void {
    const lost = Math.min(count, this.connected);
    leaveFrom(this.#around.gateways(), lost, this.#random);
    this.comeBack(lost);
  }

  /** So many have lost their gateway: they spread themselves over the time that the gateways which take connections need to admit them. */
  comeBack(count: number): void {
    const { acceptors, spec, now } = this.#around;
    const admitted = spec().gateway.acceptRatePerSecond * Math.max(1, acceptors().length);
    this.#returning.add(count, now() + Math.max(LEAST_SPREAD_MS, (1000 * count) / admitted));
  }

  /** Time went on from `since`, ms: those that were asked to move do, those whose turn it is come back. */
  advance(since: number): void {
    this.#land();
    this.#connect(this.#returning.take(since, this.#around.now()), 'returning');
  }

  /** Those that were asked to move open a new connection; only then the old one is closed. */
  #land(): void {
    const { totals } = this.#around;
    const now = this.#around.now();
    let due = 0;
    for (const gateway of this.#around.gateways()) if (gateway.isMoving) due += gateway.due(now);
    if (due === 0) return;
    let placed = this.#place(due, 'returning');
    totals.refused += due - placed;
    for (const gateway of this.#around.gateways()) {
      if (!gateway.isMoving) continue;
      const moved = Math.min(placed, gateway.due(now));
      const closed = gateway.settle(now, moved, RETRY_MS);
      placed -= moved;
      totals.forced += closed;
      this.comeBack(closed);
    }
  }

  #connect(count: number, who: 'new' | 'returning'): void {
    if (count <= 0) return;
    const refused = count - this.#place(count, who);
    this.#around.totals.refused += refused;
    this.#returning.add(refused, this.#around.now() + RETRY_MS);
  }

  #place(count: number, who: 'new' | 'returning'): number {
    const { balancing, rebalance } = this.#around.spec();
    const gateways = this.#around.acceptors();
    if (who === 'returning') for (const gateway of gateways) gateway.resumed -= gateway.held;
    const placed = this.#balance.place(count, gateways, balancing.algorithm, rebalance.maxSkew);
    if (who === 'returning') for (const gateway of gateways) gateway.resumed += gateway.held;
    return placed;
  }
}
