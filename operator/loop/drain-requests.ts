import type { Action, GatewayView } from '../fleet/fleet.ts';

/** What people want drained, and what they want back, until the fleet shows it. */
export class DrainRequests {
  readonly #changed: () => void;
  readonly #requested = new Set<string>();
  readonly #revoked = new Set<string>();

  /** `changed` is called at each wish. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  add(gateway: string): void {
    this.#revoked.delete(gateway);
    this.#requested.add(gateway);
    this.#changed();
  }

  cancel(gateway: string): void {
    this.#requested.delete(gateway);
    this.#revoked.add(gateway);
    this.#changed();
  }

  /** Takes over what an earlier operator was asked; wishes made of this one already stay. */
  restore(requested: readonly string[]): void {
    for (const gateway of requested) if (!this.#revoked.has(gateway)) this.#requested.add(gateway);
  }

  list(): readonly string[] {
    return [...this.#requested];
  }

  /** Forgets gateways that are gone, and answers the actions that take back what is to be taken back. */
  observe(gateways: readonly GatewayView[]): readonly Action[] {
    if (this.#requested.size === 0 && this.#revoked.size === 0) return [];
    const present = new Map(gateways.map((gateway) => [gateway.name, gateway]));
    for (const name of this.#requested) if (!present.has(name)) this.#requested.delete(name);
    const actions: Action[] = [];
    for (const name of this.#revoked) {
      const gateway = present.get(name);
      if (gateway?.cordoned === true) actions.push({ kind: 'uncordon', gateway: name, reason: 'a person took the drain back' });
      else this.#revoked.delete(name);
    }
    return actions;
  }

  /** Those that were taken back need no more. */
  settle(actions: readonly Action[], succeeded: boolean): void {
    if (succeeded) for (const { gateway } of actions) this.#revoked.delete(gateway);
  }
}
