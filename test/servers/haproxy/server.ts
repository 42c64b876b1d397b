import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from '../child.ts';
import { haproxyPath } from '../install.ts';
import { makeFolder } from '../leftovers.ts';
import { freePort } from '../ports.ts';
import { until } from '../until.ts';

const START_MS = 20_000;

/** One real HAProxy with a configuration of the chart. Only what differs from a Pod is exchanged in it: the name server and the ports. */
export class HAProxyServer {
  /** Where clients find it. */
  readonly url: string;
  readonly #status: string;
  readonly #child: Child;
  readonly #folder: string;

  private constructor(child: Child, folder: string, ports: { readonly clients: number; readonly status: number }) {
    this.#child = child;
    this.#folder = folder;
    this.url = `http://127.0.0.1:${ports.clients}`;
    this.#status = `http://127.0.0.1:${ports.status}`;
  }

  /** `config`: as it stands in the ConfigMap. Resolves when its process runs and answers; rejects with its log when it doesn't. */
  static async start(config: string, dnsPort: number): Promise<HAProxyServer> {
    const [program, clients, status, folder] = [await haproxyPath(), await freePort(), await freePort(), makeFolder('haproxy')];
    const file = join(folder, 'haproxy.cfg');
    const here = exchanged(config, [
      ['parse-resolv-conf', `nameserver test 127.0.0.1:${dnsPort}`],
      ['bind :8080', `bind 127.0.0.1:${clients}`],
      ['bind :8404', `bind 127.0.0.1:${status}`],
    ]);
    writeFileSync(file, here);
    const child = new Child({ program, args: ['-db', '-f', file], folder, log: join(folder, 'log') });
    const server = new HAProxyServer(child, folder, { clients, status });
    try {
      await until('HAProxy answers', START_MS, async () => {
        if (!child.running) return null;
        return (await server.#ask('/healthz')).ok || undefined;
      });
      if (!child.running) throw new Error(`HAProxy ended: ${child.output()}`);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** As Kubernetes asks it. */
  async isReady(): Promise<boolean> {
    return (await this.#ask('/readyz')).ok;
  }

  /** How many gateways it leads new connections to. */
  async gateways(backend: 'gateways' | 'longpoll' = 'gateways'): Promise<number> {
    return this.#metric(new RegExp(`^haproxy_backend_active_servers\\{proxy="${backend}"\\} (\\d+)`, 'm'));
  }

  /** Connections that it has led to gateways and that have not ended. */
  async connections(): Promise<number> {
    return this.#metric(/^haproxy_backend_current_sessions\{proxy="gateways"\} (\d+)/m);
  }

  /** What it said last: gateways that came and went. */
  get log(): string {
    return this.#child.output();
  }

  /** What the image's stop signal does. */
  stopSoftly(): void {
    this.#child.kill('SIGUSR1');
  }

  /** Resolves when its process has ended. */
  get ended(): Promise<string> {
    return this.#child.ended;
  }

  /** Cuts all connections. */
  async stop(): Promise<void> {
    await this.#child.stop(2_000);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #metric(pattern: RegExp): Promise<number> {
    const text = await (await this.#ask('/metrics')).text();
    const [, value] = pattern.exec(text) ?? [];
    if (value === undefined) throw new Error(`The metrics of HAProxy have no ${pattern.source}.`);
    return Number(value);
  }

  #ask(path: string): Promise<Response> {
    return fetch(`${this.#status}${path}`, { headers: { connection: 'close' } });
  }
}

/** Each exactly once: else it isn't the configuration that we think. */
function exchanged(config: string, exchanges: readonly (readonly [from: string, to: string])[]): string {
  return exchanges.reduce((text, [from, to]) => {
    const parts = text.split(from);
    if (parts.length !== 2) throw new Error(`The configuration of HAProxy has "${from}" ${parts.length - 1} times.`);
    return parts.join(to);
  }, config);
}
