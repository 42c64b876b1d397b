import { WebSocket } from 'ws';
import type { WebSocketConstructor } from '../client/index.ts';

/** The `ws` package's WebSocket as the SDK calls it; without compression, which gateways don't offer. */
export class NodeSocket extends WebSocket {
  constructor(url: string, protocols: string[]) {
    super(url, protocols, { perMessageDeflate: false });
  }
}

/** The same class, which tells of each try to connect. */
export function watched(base: WebSocketConstructor, tried: () => void): WebSocketConstructor {
  return class extends base {
    constructor(url: string, protocols: string[]) {
      tried();
      super(url, protocols);
    }
  };
}
