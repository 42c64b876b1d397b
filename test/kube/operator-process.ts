import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child } from '../servers/child.ts';
import { until } from '../servers/until.ts';
import type { ControlPlane } from './control-plane.ts';

export interface OperatorOptions {
  /** Also its name in the Lease. */
  readonly name: string;
  /** Default: that of the administrator. */
  readonly kubeconfig?: string;
  /** Default: all. */
  readonly namespaces?: readonly string[];
  readonly leaseDurationMs?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Of gateways whose ChatCluster names no image; a node must have it. */
export const GATEWAY_IMAGE = 'chatcluster:test';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const START_TIMEOUT_MS = 30_000;

/** One line of its log. */
export interface LogLine {
  readonly level: number;
  readonly time: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** A real operator as a process of its own, which reaches Pods where their processes listen. */
export class OperatorProcess {
  readonly name: string;
  readonly #file: string;
  readonly #child: Child;

  constructor(plane: ControlPlane, { name, kubeconfig, namespaces, leaseDurationMs = 6_000, env = {} }: OperatorOptions) {
    this.name = name;
    const folder = join(plane.folder, 'operators');
    mkdirSync(folder, { recursive: true });
    this.#file = join(folder, `${name}.log`);
    this.#child = new Child({
      program: process.execPath,
      args: ['--import', join(ROOT, 'test/kube/loopback.ts'), join(ROOT, 'operator/main.ts')],
      folder: ROOT,
      log: this.#file,
      env: {
        CHATCLUSTER_KUBECONFIG: kubeconfig ?? plane.kubeconfig,
        CHATCLUSTER_NAMESPACES: namespaces?.join(',') ?? '*',
        CHATCLUSTER_GATEWAY_IMAGE: GATEWAY_IMAGE,
        CHATCLUSTER_IDENTITY: name,
        CHATCLUSTER_LEASE_DURATION_MS: String(leaseDurationMs),
        CHATCLUSTER_HTTP_HOST: '127.0.0.1',
        CHATCLUSTER_HTTP_PORT: '0',
        CHATCLUSTER_LOG_LEVEL: 'debug',
        ...env,
      },
    });
  }

  get running(): boolean {
    return this.#child.running;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Resolves when it is ready, be it to act or to wait for the lease. */
  async ready(): Promise<void> {
    await until(`the operator ${this.name} is ready (its log: ${this.#file})`, START_TIMEOUT_MS, async () => {
      if (!this.running) throw new Error(`it ended: ${this.#child.output()}`);
      return (await this.get('/readyz')).status === 200 || undefined;
    });
  }

  /** Asks its port. */
  async get(path: string): Promise<{ readonly status: number; readonly text: string }> {
    const port = this.log().find(({ msg }) => msg === 'started')?.port;
    if (typeof port !== 'number') throw new Error('it has not started yet');
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: answer.status, text: await answer.text() };
  }

  /** All that this and earlier operators of this name logged. */
  log(): readonly LogLine[] {
    const lines = readFileSync(this.#file, 'utf8').split('\n');
    return lines.filter((line) => line.startsWith('{') && line.endsWith('}')).map((line) => JSON.parse(line) as LogLine);
  }

  /** Its log as it was printed. */
  text(): string {
    return readFileSync(this.#file, 'utf8');
  }

  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  /** Ends it at once, as a node that loses its power. */
  async kill9(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#child.ended;
  }

  /** Asks it to stop. Resolves to how it ended. */
  async stop(graceMs = 15_000): Promise<string> {
    await this.#child.stop(graceMs);
    return this.#child.ended;
  }
}
