import { ChatClient } from '../../client/index.ts';
import { NodeSocket } from '../../load/node-socket.ts';

/** How a gateway ends what it does not keep: it goes away, or the time to move is over. */
const CUT_OFF: readonly number[] = [1001, 1012];

/** Where it is known how often each gateway that is there asked a client to move, as of now. */
export type CountAsked = () => Promise<Iterable<readonly [gateway: string, count: number]>>;

/** The SDK's clients on a fleet, and what they know together of their connections. */
export class FleetClients {
  readonly #countAsked: CountAsked;
  readonly #url: string;
  readonly #clients: ChatClient[] = [];
  readonly #open = new Map<string, number>();
  /** By gateway, so that those that are gone still count. */
  readonly #asked = new Map<string, number>();
  #moved = 0;
  #cutOff = 0;

  /** `url`: where the fleet listens. */
  constructor(countAsked: CountAsked, url: string) {
    this.#countAsked = countAsked;
    this.#url = url;
  }

  /** So many more; resolves when each has a connection. */
  async connect(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.#connect()));
  }

  /** Open connections on this gateway. */
  on(gateway: string): number {
    return this.#open.get(gateway) ?? 0;
  }

  /** How often a gateway asked one to move. */
  async asked(): Promise<number> {
    for (const [gateway, count] of await this.#countAsked()) this.#asked.set(gateway, count);
    return [...this.#asked.values()].reduce((sum, count) => sum + count, 0);
  }

  /** How often one moved without an interruption. */
  moved(): number {
    return this.#moved;
  }

  /** How often a gateway closed one's connection. */
  cutOff(): number {
    return this.#cutOff;
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close({ flushMs: 0 })));
  }

  #connect(): Promise<void> {
    const client = new ChatClient({
      url: this.#url,
      webSocket: NodeSocket,
      transports: ['websocket'],
      backoff: { baseMs: 50, maxMs: 500 },
    });
    this.#clients.push(client);
    client.on('migrated', () => {
      this.#moved++;
    });
    return new Promise((resolve) => {
      client.on('connection', (change) => {
        this.#open.set(change.gateway, this.on(change.gateway) + (change.kind === 'opened' ? 1 : -1));
        if (change.kind === 'opened') resolve();
        else if (CUT_OFF.includes(change.code)) this.#cutOff++;
      });
      client.connect();
    });
  }
}
