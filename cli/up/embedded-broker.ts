import { join } from 'node:path';
import type { Broker, HistoryLimits } from '../../gateway/broker/broker.ts';
import { MemoryEngine } from '../../gateway/broker/memory/engine.ts';
import { type BrokerServer, serveBroker } from '../../gateway/broker/server.ts';
import { PrivateFolder } from './private-folder.ts';

/** The broker in this process, which gateways reach over a Unix socket. It is there from the first `serve` on: a cluster with a Redis needs none. */
export class EmbeddedBroker {
  readonly #folder = new PrivateFolder();
  /** The socket's path. */
  readonly socket = join(this.#folder.path, 'broker');
  #serving: { readonly engine: MemoryEngine; readonly broker: Broker; readonly server: BrokerServer } | null = null;

  /** Serves with these limits, or has what is served trim by them from now on. */
  async serve(history: HistoryLimits): Promise<void> {
    if (this.#serving !== null) return this.#serving.engine.setLimits(history);
    const engine = new MemoryEngine({ history });
    const broker = engine.connect();
    this.#serving = { engine, broker, server: await serveBroker(broker, this.socket) };
  }

  async close(): Promise<void> {
    await this.#serving?.server.close();
    await this.#serving?.broker.close();
    this.#folder.remove();
  }
}
