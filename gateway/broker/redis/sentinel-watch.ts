import { lookup } from 'node:dns/promises';
import type { Redis } from 'ioredis';
import type { Address } from './options.ts';

/** What a SentinelWatch needs. */
export interface SentinelWatchDeps {
  /** A connection to each Sentinel, not yet connected. */
  readonly clients: readonly Redis[];
  /** The primary's name. */
  readonly name: string;
  /** Another server is the primary now. */
  readonly changed: (primary: Address) => void;
}

const PING_MS = 5_000;
const NEWS = '+switch-master';

/**
 * Hears from the Sentinels which server is the primary. One that is cut off from them still answers: only they know that another one has taken its place.
 * Sentinels that don't answer are tried again quietly: whoever looks for the primary tells of them.
 */
export class SentinelWatch {
  readonly #deps: SentinelWatchDeps;
  /** What each Sentinel has told last: those that were away may be behind the others. */
  readonly #told = new Map<Redis, string>();
  readonly #pinging: NodeJS.Timeout;

  constructor(deps: SentinelWatchDeps) {
    this.#deps = deps;
    for (const client of deps.clients) this.#listen(client);
    this.#pinging = setInterval(() => {
      for (const client of deps.clients) if (client.status === 'ready') client.ping().catch(() => undefined);
    }, PING_MS);
    this.#pinging.unref();
  }

  close(): void {
    clearInterval(this.#pinging);
    for (const client of this.#deps.clients) client.disconnect();
  }

  #listen(client: Redis): void {
    const { name } = this.#deps;
    client.on('error', () => {});
    client.on('message', (_channel: string, text: string) => {
      const [of, , , host, port] = text.split(' ');
      if (of === name && host !== undefined) this.#hear(client, host, Number(port), true);
    });
    // What it told while it was not connected has to be asked for.
    client.on('ready', async () => {
      try {
        await client.subscribe(NEWS);
        const [host, port] = (await client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name)) as [string, string];
        this.#hear(client, host, Number(port), this.#told.has(client));
      } catch {
        // It is asked again when it is connected again.
      }
    });
    client.connect().catch(() => undefined);
  }

  #hear(client: Redis, host: string, port: number, isNews: boolean): void {
    const before = this.#told.get(client);
    this.#told.set(client, `${host} ${port}`);
    if (isNews && before !== `${host} ${port}`) this.#deps.changed({ host, port });
  }
}

/** Whether a client is connected to this address; false when that can't be told. */
export async function isConnectedTo({ stream }: Redis, { host, port }: Address): Promise<boolean> {
  if (stream?.remotePort !== port) return false;
  const addresses = await lookup(host, { all: true }).catch(() => []);
  return addresses.some(({ address }) => address === stream.remoteAddress);
}
