import type { BrokerHealth } from './broker.ts';
import { callListener } from './call-listener.ts';

const OK: BrokerHealth = { kind: 'ok' };

/** How a broker is, and who is told of it: at once, then at each change, until it is closed. */
export class Health {
  readonly #listeners: ((health: BrokerHealth) => void)[] = [];
  #now: BrokerHealth;
  #closed = false;

  constructor(now: BrokerHealth = OK) {
    this.#now = now;
  }

  get now(): BrokerHealth {
    return this.#now;
  }

  watch(listener: (health: BrokerHealth) => void): void {
    if (this.#closed) return;
    this.#listeners.push(listener);
    callListener(listener, this.#now);
  }

  /** Tells all, unless they know it. */
  become(health: BrokerHealth): void {
    if (this.#closed || same(health, this.#now)) return;
    this.#now = health;
    for (const listener of this.#listeners) callListener(listener, health);
  }

  /** Tells nobody anything any more. */
  close(): void {
    this.#closed = true;
    this.#listeners.length = 0;
  }
}

function same(a: BrokerHealth, b: BrokerHealth): boolean {
  return a.kind === 'ok' ? b.kind === 'ok' : b.kind === 'degraded' && a.reason === b.reason;
}
