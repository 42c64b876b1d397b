import type { Transport } from './link.ts';

/** WebSockets that fail before a gateway answers, one after the other, until long polling is tried; more where one has worked before. */
const TRIES = 3;
const TRIES_IF_WORKED = 4;

/**
 * Which transport the next connection takes: WebSocket, until it fails too often (a proxy that doesn't let it through); then long
 * polling, until that can't be opened either (then it wasn't the transport's fault).
 */
export class TransportChoice {
  readonly #allowed: readonly Transport[];
  #fallenBack = false;
  #failures = 0;
  #worked = false;

  /** `allowed`: the transports that this machine and the application allow, at least one. */
  constructor(allowed: readonly Transport[]) {
    this.#allowed = allowed;
  }

  get next(): Transport {
    return this.#fallenBack || !this.#allowed.includes('websocket') ? 'longpoll' : 'websocket';
  }

  /** Long polling stands in for a WebSocket. */
  get fallenBack(): boolean {
    return this.#fallenBack;
  }

  /** A gateway answered over it. */
  worked(transport: Transport): void {
    this.#failures = 0;
    if (transport !== 'websocket') return;
    this.#worked = true;
    this.#fallenBack = false;
  }

  /** It ended before a gateway answered. */
  failed(transport: Transport): void {
    if (this.#allowed.length < 2) return;
    if (transport === 'longpoll') {
      this.#fallenBack = false;
      this.#failures = 0;
      return;
    }
    this.#failures++;
    if (this.#failures >= (this.#worked ? TRIES_IF_WORKED : TRIES)) this.#fallenBack = true;
  }
}
