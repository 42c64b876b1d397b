import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from '../child.ts';
import { makeFolder } from '../leftovers.ts';
import { freePort } from '../ports.ts';
import { until } from '../until.ts';
import { prometheusPath } from './install.ts';

const START_MS = 60_000;
const STOP_MS = 5_000;

/** What it scrapes: `host:port` of each, at /metrics, so often. */
export interface Scrape {
  readonly targets: readonly string[];
  /** As Prometheus writes durations. */
  readonly interval: string;
}

/** One real Prometheus on a port of 127.0.0.1, with its configuration and data in a folder of its own. */
export class PrometheusServer {
  readonly url: string;
  readonly #program: string;
  readonly #port: number;
  readonly #folder: string;
  #child: Child;

  private constructor(program: string, port: number, folder: string) {
    this.#program = program;
    this.#port = port;
    this.#folder = folder;
    this.url = `http://127.0.0.1:${port}`;
    this.#child = this.#launch();
  }

  /** Resolves when it answers; rejects with its log when it doesn't. */
  static start(scrape: Scrape): Promise<PrometheusServer> {
    const job = { job_name: 'gateways', scrape_interval: scrape.interval, static_configs: [{ targets: scrape.targets }] };
    return PrometheusServer.configured({ global: { scrape_timeout: scrape.interval }, scrape_configs: [job] });
  }

  /** As `start`, with a configuration of its own: what `prometheus.yml` holds. */
  static async configured(configuration: object): Promise<PrometheusServer> {
    const [program, port, folder] = [await prometheusPath(), await freePort(), makeFolder('prometheus')];
    // YAML is a superset of JSON.
    writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(configuration));
    const server = new PrometheusServer(program, port, folder);
    await server.#ready();
    return server;
  }

  /** Ends it without a word, as a crash does. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#child.ended;
  }

  /** Starts it again after `kill`, with its data. */
  async restart(): Promise<void> {
    this.#child = this.#launch();
    await this.#ready();
  }

  async stop(): Promise<void> {
    await this.#child.stop(STOP_MS);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #launch(): Child {
    const args = [
      `--config.file=${join(this.#folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(this.#folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${this.#port}`,
      '--log.level=warn',
    ];
    return new Child({ program: this.#program, args, folder: this.#folder, log: join(this.#folder, 'log') });
  }

  async #ready(): Promise<void> {
    try {
      await until('Prometheus answers', START_MS, async () => {
        if (!this.#child.running) return null;
        return (await fetch(`${this.url}/-/ready`)).ok ? true : undefined;
      });
    } catch (error) {
      await this.stop();
      throw error;
    }
    if (!this.#child.running) throw new Error(`Prometheus ended: ${this.#child.output()}`);
  }
}
