import { join } from 'node:path';
import { Child } from '../servers/child.ts';
import { freePort } from '../servers/ports.ts';
import { until } from '../servers/until.ts';
import type { ControlPlane } from './control-plane.ts';
import type { FakeNodesConfig } from './fake/main.ts';
import { makeMemoryFolder } from './folder.ts';

export interface FakeNodesOptions {
  /** Each takes 240 Pods. Default 5. */
  readonly nodes?: number;
  /** Of each ChatCluster, spread evenly over its gateways that accept. Default 1,000. */
  readonly connectionsPerCluster?: number;
  /** Default 10,000: give the control plane a `nodeGraceMs` that is several times as long. */
  readonly heartbeatMs?: number;
}

const START_TIMEOUT_MS = 20_000;
const ROOT = join(import.meta.dirname, '../..');

/** Nodes whose Pods are thousands of gateways that only say that they are: one process, of its own, with all their admin ports. */
export class FakeNodes {
  readonly #child: Child;
  readonly #url: string;

  private constructor(child: Child, port: number) {
    this.#child = child;
    this.#url = `http://127.0.0.1:${port}/`;
  }

  /** Resolves when the nodes are registered. */
  static async start(plane: ControlPlane, options: FakeNodesOptions = {}): Promise<FakeNodes> {
    const { nodes = 5, connectionsPerCluster = 1_000, heartbeatMs = 10_000 } = options;
    const port = await freePort();
    const config: FakeNodesConfig = { access: plane.api.access, nodes, port, connectionsPerCluster, heartbeatMs };
    const child = new Child({
      program: process.execPath,
      args: [join(import.meta.dirname, 'fake/main.ts')],
      folder: ROOT,
      log: join(makeMemoryFolder('fake-nodes'), 'log'),
      env: { FAKE_NODES: JSON.stringify(config) },
    });
    const fake = new FakeNodes(child, port);
    try {
      await until('the fake nodes answer', START_TIMEOUT_MS, () => fake.pods());
      return fake;
    } catch (error) {
      await fake.stop();
      throw new Error(`The fake nodes did not start: ${child.output()}`, { cause: error });
    }
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** How many Pods it has now. */
  async pods(): Promise<number> {
    return ((await (await fetch(this.#url)).json()) as { readonly pods: number }).pods;
  }

  /** Gives a ChatCluster so many connections. */
  async setConnections(namespace: string, cluster: string, connections: number): Promise<void> {
    await fetch(this.#url, { method: 'POST', body: JSON.stringify({ [`${namespace}/${cluster}`]: connections }) });
  }

  async stop(): Promise<void> {
    await this.#child.stop(0);
  }
}
