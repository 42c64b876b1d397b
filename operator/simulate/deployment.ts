import type { SimulatedGateway } from '../fleet/simulated/gateway.ts';
import type { SimulatedFleet } from '../fleet/simulated/simulated-fleet.ts';
import type { Random } from './random.ts';

/**
 * What Kubernetes makes of a number of replicas: Pods are created at once; of too many those that aren't ready go first, then any (a ReplicaSet looks at
 * nodes and ages, never at connections). Nobody is asked to move: a Pod that is told to stop takes no new connection, and ends with those that it has.
 */
export class Deployment {
  readonly #fleet: SimulatedFleet;
  readonly #name: string;
  readonly #graceMs: number;
  readonly #random: Random;
  #lastOrdinal = 0;

  constructor(options: { readonly fleet: SimulatedFleet; readonly name: string; readonly graceMs: number; readonly random: Random }) {
    this.#fleet = options.fleet;
    this.#name = options.name;
    this.#graceMs = options.graceMs;
    this.#random = options.random;
  }

  /** Dead Pods are replaced; then there are as many as there should be. */
  reconcile(replicas: number): void {
    let alive = 0;
    const dead: SimulatedGateway[] = [];
    for (const gateway of this.#fleet.gateways()) {
      if (gateway.phase === 'dead') dead.push(gateway);
      else if (gateway.phase !== 'terminating') alive += 1;
    }
    for (const { name } of dead) this.#fleet.applyNow({ kind: 'delete', gateway: name, reason: 'it is dead' });
    for (; alive < replicas; alive++) this.#create();
    if (alive > replicas) this.#killSome(alive - replicas);
  }

  #create(): void {
    this.#lastOrdinal += 1;
    this.#fleet.applyNow({ kind: 'create', gateway: `${this.#name}-${this.#lastOrdinal}`, reason: 'a replica is missing' });
  }

  #killSome(count: number): void {
    const gateways = this.#fleet.gateways();
    const starting = gateways.filter(({ phase }) => phase === 'starting');
    const others = gateways.filter(({ phase }) => phase === 'ready' || phase === 'unreachable');
    for (let left = count; left > 0; left--) {
      const from = starting.length > 0 ? starting : others;
      const [victim] = from.splice(Math.floor(this.#random.next() * from.length), 1);
      if (victim !== undefined) this.#fleet.kill(victim.name, this.#graceMs);
    }
  }
}
