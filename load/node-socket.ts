import { WebSocket } from 'ws';

/** The `ws` package's WebSocket as the SDK calls it; without compression, which gateways don't offer. */
export class NodeSocket extends WebSocket {
  constructor(url: string, protocols: string[]) {
    super(url, protocols, { perMessageDeflate: false });
  }
}
