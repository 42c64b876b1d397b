import { ChatClient } from '../../client/index.ts';
import { NodeSocket } from '../../load/node-socket.ts';
import type { LocalFleet } from '../../operator/fleet/local/local-fleet.ts';

/** How a gateway ends what it does not keep: it goes away, or the time to move is over. */
const CUT_OFF: readonly number[] = [1001, 1012];

/** The SDK's clients on a fleet of this machine, and what they know together of their connections. */
export class FleetClients {
  readonly #fleet: LocalFleet;
  readonly #url: string;
  readonly #clients: ChatClient[] = [];
  readonly #open = new Map<string, number>();
  /** By gateway, so that those that are gone still count. */
  readonly #asked = new Map<string, number>();
  #moved = 0;
  #cutOff = 0;

  /** `url`: where the fleet listens. */
  constructor(fleet: LocalFleet, url: string) {
    this.#fleet = fleet;
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
    // One that is under way may have asked a gateway a moment ago: the next has not.
    await this.#fleet.scrape();
    await this.#fleet.scrape();
    for (const { name, status } of this.#fleet.gateways()) this.#asked.set(name, status?.migratedTotal ?? 0);
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
