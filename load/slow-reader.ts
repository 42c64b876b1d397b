import { setTimeout as delay } from 'node:timers/promises';
import type { Fetch, WebSocketConstructor } from '../client/index.ts';
import { NodeSocket } from './node-socket.ts';

/** How long it reads, then how long it doesn't, ms. */
const READS_MS = [500, 3000] as const;
const PAUSES_MS = [5000, 20_000] as const;

/**
 * A network for one client that reads slowly: its WebSockets stand still again and again, so that the gateway's queue fills and it is closed;
 * its polls' answers are fetched late. After `stop` it reads at full speed.
 */
export class SlowReader {
  readonly webSocket: WebSocketConstructor;
  readonly #random: () => number;
  readonly #stopped = new AbortController();

  constructor(random: () => number) {
    this.#random = random;
    const slow = (socket: NodeSocket) => this.#slow(socket);
    this.webSocket = class extends NodeSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        this.once('open', () => slow(this));
      }
    };
  }

  readonly fetch: Fetch = async (url, init) => {
    const response = await fetch(url, init);
    await this.#wait(PAUSES_MS, init.signal);
    return response;
  };

  stop(): void {
    this.#stopped.abort();
  }

  async #slow(socket: NodeSocket): Promise<void> {
    const ended = new AbortController();
    socket.once('close', () => ended.abort());
    while (!ended.signal.aborted && !this.#stopped.signal.aborted) {
      await this.#wait(READS_MS, ended.signal);
      socket.pause();
      await this.#wait(PAUSES_MS, ended.signal);
      socket.resume();
    }
  }

  /** Until the time is over, or nobody waits any more. */
  async #wait([from, to]: readonly [number, number], signal: AbortSignal): Promise<void> {
    const ms = from + this.#random() * (to - from);
    await delay(ms, undefined, { signal: AbortSignal.any([signal, this.#stopped.signal]), ref: false }).catch(() => {});
  }
}
