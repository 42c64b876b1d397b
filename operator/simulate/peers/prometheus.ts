import type { SimulatedGateway } from '../../fleet/simulated/gateway.ts';

/** The interval of Prometheus Operator and its charts when nobody says another, s. */
export const SCRAPE_S = 30;

/** What Prometheus knows of the gateways: each is scraped once in 30 s, at a second of its own, so that what is known is 15 s old on average. */
export class Prometheus {
  #second = 0;
  #known = new WeakMap<SimulatedGateway, number>();

  /** A second passes. `blind`: the series are lost, and come back with the next scrapes. */
  second(gateways: readonly SimulatedGateway[], blind: boolean): void {
    this.#second += 1;
    if (blind) {
      this.#known = new WeakMap();
      return;
    }
    for (const gateway of gateways) {
      if (gateway.ordinal % SCRAPE_S !== this.#second % SCRAPE_S) continue;
      if (gateway.phase === 'ready' || gateway.phase === 'terminating') this.#known.set(gateway, gateway.held);
    }
  }

  /** Of one gateway; `null` when it has no series. */
  connectionsOf(gateway: SimulatedGateway): number | null {
    return this.#known.get(gateway) ?? null;
  }

  /** The sum over these, which are all that there are: a target that is gone takes its series with it. `null` when there is no series at all. */
  sum(gateways: readonly SimulatedGateway[]): number | null {
    let sum: number | null = null;
    for (const gateway of gateways) {
      const known = this.#known.get(gateway);
      if (known !== undefined) sum = (sum ?? 0) + known;
    }
    return sum;
  }
}
