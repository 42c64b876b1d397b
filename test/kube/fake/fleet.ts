import { FakeGateway, type FakeGatewayTraits } from './gateway.ts';

/** The fake gateways of one ChatCluster. Its connections are always spread evenly over those that accept. */
export class FakeFleet {
  readonly #gateways = new Set<FakeGateway>();
  /** All connections of the ChatCluster. */
  total: number;
  #share = 0;
  #shareAt = Number.NEGATIVE_INFINITY;

  constructor(total: number) {
    this.total = total;
  }

  get size(): number {
    return this.#gateways.size;
  }

  add(traits: FakeGatewayTraits, now: () => number): FakeGateway {
    const gateway = new FakeGateway(traits, () => this.#shareOf(now()), now());
    this.#gateways.add(gateway);
    return gateway;
  }

  remove(gateway: FakeGateway): void {
    this.#gateways.delete(gateway);
  }

  /** Computed at most 20 times a second: each of a thousand gateways asks each second. */
  #shareOf(now: number): number {
    if (now - this.#shareAt < 50) return this.#share;
    const all = [...this.#gateways];
    const held = all.filter(({ accepting }) => !accepting).reduce((sum, gateway) => sum + gateway.held(now), 0);
    const accepting = all.filter((gateway) => gateway.accepting).length;
    this.#share = accepting === 0 ? 0 : Math.max(0, Math.round((this.total - held) / accepting));
    this.#shareAt = now;
    return this.#share;
  }
}
