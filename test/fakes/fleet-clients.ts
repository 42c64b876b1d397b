import { ChatClient } from '../../client/index.ts';
import { NodeSocket } from '../../load/node-socket.ts';

/** Real clients of one cluster, and what they know together of their connections. */
export class SdkClients {
  /** How often one moved from one gateway to another. */
  moved = 0;
  /** How often one lost its only connection. */
  cutOff = 0;
  readonly #url: string;
  readonly #clients: ChatClient[] = [];
  readonly #on = new Map<string, number>();
  #closed = false;

  /** `url`: the cluster's address. */
  constructor(url: string) {
    this.#url = url;
  }

  /** Open connections on this gateway. */
  on(gateway: string): number {
    return this.#on.get(gateway) ?? 0;
  }

  /** So many clients more; each is one that has a connection when this resolves. */
  async connect(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.#add()));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#clients.map((client) => client.close({ flushMs: 0 })));
  }

  #add(): Promise<void> {
    const client = new ChatClient({
      url: this.#url,
      webSocket: NodeSocket,
      transports: ['websocket'],
      backoff: { baseMs: 50, maxMs: 500 },
    });
    this.#clients.push(client);
    let open = 0;
    const connected = new Promise<void>((resolve) => {
      client.on('connection', ({ kind, gateway }) => {
        const change = kind === 'opened' ? 1 : -1;
        open += change;
        this.#on.set(gateway, this.on(gateway) + change);
        if (open === 0 && !this.#closed) this.cutOff++;
        if (open > 0) resolve();
      });
    });
    client.on('migrated', () => this.moved++);
    client.connect();
    return connected;
  }
}
