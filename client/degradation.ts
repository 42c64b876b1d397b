import type { Connection } from './connection.ts';

/** Whether the gateway that serves has lost what keeps the messages; tells of each change once. */
export class Degradation {
  readonly #changed: (active: boolean) => void;
  #active = false;

  constructor(changed: (active: boolean) => void) {
    this.#changed = changed;
  }

  get active(): boolean {
    return this.#active;
  }

  /** Takes over what the current connection was told; null: there is none. */
  follow(current: Connection | null): void {
    const active = current?.degraded === true;
    if (active === this.#active) return;
    this.#active = active;
    this.#changed(active);
  }
}
