import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MemoryEngine } from '../../gateway/broker/memory/engine.ts';
import { ConnectionTable } from '../../gateway/connection/table.ts';
import { newCounters } from '../../gateway/counters.ts';
import { createDataPlane, type DataPlane } from '../../gateway/data-plane.ts';
import { servePages } from '../../pages/serve.ts';
import type { CLOSE_CODES } from '../../protocol/close-codes.ts';
import { POLL_PATH } from '../../protocol/paths.ts';
import { SETTINGS } from './data-plane-server.ts';
import { silentLog } from './silent-log.ts';

/**
 * Real data planes on one broker, and the pages, behind one port of this process; the test decides which gateway a new
 * connection gets to, and when the others' connections move.
 */
export class SmallCluster {
  readonly #engine = new MemoryEngine();
  readonly #gateways: { readonly plane: DataPlane; readonly table: ConnectionTable; readonly closeBroker: () => Promise<void> }[];
  readonly #server = createServer((req, res) => {
    if (req.url?.startsWith(POLL_PATH)) this.#serving().plane.poll(req, res);
    else if (!servePages(req, res)) res.writeHead(404).end();
  });
  #target = 0;

  /** `names`: of the gateways; the first one serves. */
  constructor(...names: readonly string[]) {
    this.#gateways = names.map((name) => {
      const broker = this.#engine.connect();
      const table = new ConnectionTable();
      const plane = createDataPlane({
        name,
        broker,
        table,
        admission: { admit: () => ({ kind: 'accept' }), reconnectSpreadMs: () => 100 },
        settings: SETTINGS,
        authenticate: () => ({ kind: 'ok' }),
        counters: newCounters(),
        log: silentLog,
      });
      return { plane, table, closeBroker: () => broker.close() };
    });
    this.#server.on('upgrade', (req, socket, head) => this.#serving().plane.upgrade(req, socket, head));
  }

  /** Resolves to its address. */
  async start(): Promise<string> {
    for (const { plane } of this.#gateways) plane.start();
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Connections of the gateway with this number. */
  connections(gateway: number): number {
    return this.#gateways[gateway]?.table.size ?? 0;
  }

  /** From now on that gateway serves those who come. */
  serveBy(gateway: number): void {
    this.#target = gateway;
  }

  /** Asks all connections of a gateway to move. */
  drain(gateway: number): void {
    for (const connection of [...(this.#gateways[gateway]?.table ?? [])]) {
      connection.migrate({ type: 'migrate', delayMs: 100, deadlineMs: 10_000, reason: 'drain' });
    }
  }

  /** Closes all connections of a gateway. */
  closeAll(gateway: number, code: keyof typeof CLOSE_CODES): void {
    for (const connection of [...(this.#gateways[gateway]?.table ?? [])]) connection.close(code);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#gateways.map(({ plane }) => plane.close()));
    await Promise.all(this.#gateways.map(({ closeBroker }) => closeBroker()));
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #serving() {
    const gateway = this.#gateways[this.#target];
    if (gateway === undefined) throw new RangeError(`there is no gateway ${this.#target}`);
    return gateway;
  }
}
