import type { Fetch, WebSocketConstructor } from '../../../client/index.ts';
import { NodeSocket } from '../../../load/node-socket.ts';
import type { Draw } from '../draw.ts';
import type { Gateway } from '../fleet/gateway.ts';

/** The address that clients are given; their network knows where it leads. */
export const CHAT_URL = 'http://chat.invalid';

/** Nothing listens there. */
const NOWHERE = '127.0.0.1:1';

/**
 * One person's network: it brings each connection to a gateway that takes clients, as a balancer would (one that stands still is chosen as
 * well), and can be gone for a while. Polls stay with their gateway as long as that answers.
 */
export class Network {
  readonly #gateways: () => readonly Gateway[];
  readonly #draw: Draw;
  readonly #sockets = new Set<NodeSocket>();
  #polled: Gateway | null = null;
  #offline = new AbortController();

  constructor(gateways: () => readonly Gateway[], draw: Draw) {
    this.#gateways = gateways;
    this.#draw = draw;
  }

  get isCut(): boolean {
    return this.#offline.signal.aborted;
  }

  /** The network is gone: what is open breaks, and nothing can be reached. */
  cut(): void {
    this.#offline.abort();
    for (const socket of this.#sockets) socket.terminate();
  }

  /** It is there again. */
  restore(): void {
    if (this.isCut) this.#offline = new AbortController();
  }

  get webSocket(): WebSocketConstructor {
    const network = this;
    return class extends NodeSocket {
      constructor(url: string, protocols: string[]) {
        super(network.#leadTo(url, network.#choose()), protocols);
        network.#sockets.add(this);
        this.once('close', () => network.#sockets.delete(this));
      }
    };
  }

  get fetch(): Fetch {
    return async (url, init) => {
      if (this.#polled?.takesClients !== true) this.#polled = this.#choose();
      const signal = AbortSignal.any([init.signal, this.#offline.signal]);
      try {
        return await fetch(this.#leadTo(url, this.#polled), { ...init, signal });
      } catch (error) {
        if (!init.signal.aborted) this.#polled = null;
        throw error;
      }
    };
  }

  #choose(): Gateway | null {
    return this.isCut ? null : (this.#draw.pick(this.#gateways()) ?? null);
  }

  #leadTo(url: string, gateway: Gateway | null): string {
    return url.replace('chat.invalid', gateway?.address ?? NOWHERE);
  }
}
