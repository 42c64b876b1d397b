import type { GatewayView } from '../fleet/fleet.ts';

/** What people want drained, and what they want back, until the fleet shows it. */
export class DrainRequests {
  readonly #changed: () => void;
  readonly #outside: (() => readonly string[]) | null;
  #requested = new Set<string>();
  readonly #takenBack = new Set<string>();

  /** `changed` is called at each wish. `outside`: where the requests stand that count; without it they come by `add` and `cancel`. */
  constructor(changed: () => void, outside: (() => readonly string[]) | null = null) {
    this.#changed = changed;
    this.#outside = outside;
  }

  add(gateway: string): void {
    this.#takenBack.delete(gateway);
    this.#requested.add(gateway);
    this.#changed();
  }

  cancel(gateway: string): void {
    this.#requested.delete(gateway);
    this.#takenBack.add(gateway);
    this.#changed();
  }

  /** Takes over what an earlier operator was asked; wishes made of this one already stay. */
  restore(requested: readonly string[]): void {
    for (const gateway of requested) if (!this.#takenBack.has(gateway)) this.#requested.add(gateway);
  }

  /** Gateways to be drained. */
  list(): readonly string[] {
    return [...this.#requested];
  }

  /** Gateways to be let go of, which the fleet still shows cordoned. */
  takeBacks(): readonly string[] {
    return [...this.#takenBack];
  }

  /**
   * What to keep beyond this operator. With requests from outside also those that vanished from there and are not yet taken back: the next operator finds
   * them vanished as well.
   */
  lasting(): readonly string[] {
    return this.#outside === null ? this.list() : [...this.#requested, ...this.#takenBack];
  }

  /** Reads the requests from outside, and forgets gateways that are gone, or go, and take-backs that are done. */
  observe(gateways: readonly GatewayView[]): void {
    this.#read();
    if (this.#requested.size === 0 && this.#takenBack.size === 0) return;
    const present = new Map(gateways.map((gateway) => [gateway.name, gateway]));
    for (const name of this.#requested) if (!present.has(name)) this.#requested.delete(name);
    for (const name of this.#takenBack) {
      const gateway = present.get(name);
      const isBack = gateway === undefined || !gateway.cordoned || gateway.phase === 'terminating' || gateway.phase === 'dead';
      if (isBack) this.#takenBack.delete(name);
    }
  }

  #read(): void {
    if (this.#outside === null) return;
    const requested = new Set(this.#outside());
    for (const name of this.#requested) if (!requested.has(name)) this.#takenBack.add(name);
    for (const name of requested) this.#takenBack.delete(name);
    this.#requested = requested;
  }
}
