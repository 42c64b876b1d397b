import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { ChatClient } from '../../client/index.ts';
import { MemoryEngine } from '../../gateway/broker/memory/engine.ts';
import { serveBroker } from '../../gateway/broker/server.ts';
import { LocalFleet } from '../../operator/fleet/local/local-fleet.ts';
import { GATEWAY_ENV } from '../../protocol/gateway-env.ts';
import { cluster } from '../fakes/chat-cluster.ts';
import { type FleetClients, type FleetHarness, fleetContract } from './fleet.ts';

vi.setConfig({ testTimeout: 90_000 });

const ENTRY = fileURLToPath(new URL('../../gateway/main.ts', import.meta.url));
const LOOK_MS = 10;
const PATIENCE_MS = 60_000;
/** How a gateway ends what it may not keep: it says goodbye, or a drain's time is over. */
const CUT_OFF = new Set([1001, 1012]);

/** Real gateways as real processes, and the SDK's clients on them. */
fleetContract('local', async (): Promise<FleetHarness> => {
  const folder = mkdtempSync(join(tmpdir(), 'chatcluster-test-'));
  const broker = new MemoryEngine().connect();
  const server = await serveBroker(broker, join(folder, 'broker'));
  const fleet = new LocalFleet({
    cluster: cluster(),
    port: 0,
    host: '127.0.0.1',
    entry: ENTRY,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    environment: {
      PATH: process.env.PATH ?? '',
      [GATEWAY_ENV.broker]: `unix:${join(folder, 'broker')}`,
      [GATEWAY_ENV.logLevel]: 'error',
    },
    elsewhere: ({ socket }) => socket.destroy(),
    output: (gateway, line) => process.stderr.write(`${gateway}: ${line}\n`),
    scrapeIntervalMs: 50,
    adminTimeoutMs: 500,
    stopTimeoutMs: 1000,
  });
  const clients = new SdkClients(fleet, `http://127.0.0.1:${await fleet.open()}`);
  const signal = async (gateway: string, name: NodeJS.Signals) => {
    const pid = (await fleet.list()).find((view) => view.name === gateway)?.pid;
    if (pid !== undefined && pid !== null) process.kill(pid, name);
  };
  return {
    fleet,
    clients,
    now: () => Date.now(),
    until,
    changeSettings: () => fleet.configure(cluster({ gateway: { connectionsPerGateway: 77 } })),
    crash: (gateway) => void fleet.kill(gateway),
    freeze: (gateway) => void signal(gateway, 'SIGSTOP'),
    thaw: (gateway) => void signal(gateway, 'SIGCONT'),
    terminate: (gateway) => void signal(gateway, 'SIGTERM'),
    async stop() {
      clients.close();
      await fleet.abort();
      await server.close();
      await broker.close();
      rmSync(folder, { recursive: true });
    },
  };
});

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (Date.now() >= giveUpAt) throw new Error(`it never came to be that ${what}`);
    await sleep(LOOK_MS);
  }
}

class SdkClients implements FleetClients {
  readonly #fleet: LocalFleet;
  readonly #url: string;
  readonly #clients: ChatClient[] = [];
  readonly #open = new Map<string, number>();
  readonly #asked = new Map<string, number>();
  #moved = 0;
  #cutOff = 0;

  constructor(fleet: LocalFleet, url: string) {
    this.#fleet = fleet;
    this.#url = url;
  }

  async connect(count: number): Promise<void> {
    const fresh = Array.from({ length: count }, () => this.#client());
    await until(`${count} more have a connection`, () => fresh.every(({ state }) => state.kind === 'connected'));
  }

  on(gateway: string): number {
    return this.#open.get(gateway) ?? 0;
  }

  async asked(): Promise<number> {
    await this.#fleet.scrape();
    for (const { name, status } of this.#fleet.gateways()) this.#asked.set(name, status?.migratedTotal ?? 0);
    return [...this.#asked.values()].reduce((sum, asked) => sum + asked, 0);
  }

  moved(): number {
    return this.#moved;
  }

  cutOff(): number {
    return this.#cutOff;
  }

  close(): void {
    for (const client of this.#clients) client.close();
  }

  #client(): ChatClient {
    const client = new ChatClient({ url: this.#url, transports: ['websocket'], backoff: { baseMs: 50, maxMs: 500 } });
    client.on('connection', (change) => {
      this.#open.set(change.gateway, this.on(change.gateway) + (change.kind === 'opened' ? 1 : -1));
      if (change.kind === 'closed' && CUT_OFF.has(change.code)) this.#cutOff++;
    });
    client.on('migrated', () => {
      this.#moved++;
    });
    client.connect();
    this.#clients.push(client);
    return client;
  }
}
