import { Console, type Outcome } from '../../operator/console/console.ts';
import { FrontDoor } from '../../operator/fleet/local/front-door.ts';
import type { ClusterStatus } from '../../operator/status/status.ts';

/** The real console behind a real front door, of a cluster that isn't there. */
export class ConsoleServer {
  /** What the cluster says; `null`: nothing yet. */
  status: ClusterStatus | null = null;
  /** How each wish is met. */
  outcome: Outcome = { kind: 'done' };
  readonly acted: string[] = [];
  clients = 0;
  /** How often the status was asked for. */
  asked = 0;
  port = 0;
  readonly console: Console;
  readonly #door: FrontDoor;

  constructor() {
    const server = this;
    this.console = new Console({
      status: () => {
        this.asked++;
        return this.status;
      },
      act: async (action, gateway) => {
        this.acted.push(`${action} ${gateway}`);
        return this.outcome;
      },
      clients: {
        get count() {
          return server.clients;
        },
        set(count) {
          if (count < 0) throw new RangeError('Too few.');
          server.clients = count;
        },
      },
      pages: (req, res) => {
        if (req.url !== '/') return false;
        res.end('the chat');
        return true;
      },
    });
    this.#door = new FrontDoor({ port: 0, host: '127.0.0.1', arrived: ({ socket, head }) => this.console.serve(socket, head) });
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    this.port = await this.#door.open();
  }

  stop(): void {
    this.console.stop();
    this.#door.close();
  }
}
