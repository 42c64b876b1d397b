import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ingressControllers } from '../../kube/binaries.ts';
import type { LoopbackApi } from '../../kube/loopback-api.ts';
import { Child } from '../child.ts';
import { makeFolder } from '../leftovers.ts';
import { freePort } from '../ports.ts';
import { until } from '../until.ts';

const START_MS = 30_000;

/** One real Traefik that follows the IngressRoutes of a namespace, with an entry point "websecure" that speaks HTTP. */
export class TraefikServer {
  readonly port: number;
  readonly #child: Child;
  readonly #folder: string;

  private constructor(child: Child, folder: string, port: number) {
    this.#child = child;
    this.#folder = folder;
    this.port = port;
  }

  /** Resolves when it takes connections; rejects with its log when it doesn't. */
  static async start(api: LoopbackApi, namespace: string): Promise<TraefikServer> {
    const [{ traefik: program }, port, folder] = [await ingressControllers(), await freePort(), makeFolder('traefik')];
    const args = [
      `--entrypoints.websecure.address=127.0.0.1:${port}`,
      `--providers.kubernetescrd.endpoint=${api.url}`,
      `--providers.kubernetescrd.namespaces=${namespace}`,
      '--global.checknewversion=false',
      '--global.sendanonymoususage=false',
    ];
    const child = new Child({ program, args, folder, log: join(folder, 'log') });
    const server = new TraefikServer(child, folder, port);
    try {
      await until('Traefik answers', START_MS, async () => {
        if (!child.running) return null;
        return (await fetch(`http://127.0.0.1:${port}/`)).status === 404 || undefined;
      });
      if (!child.running) throw new Error(`Traefik ended: ${child.output()}`);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** What it said last. */
  get log(): string {
    return this.#child.output();
  }

  /** Cuts all connections. */
  async stop(): Promise<void> {
    await this.#child.stop(2_000);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
