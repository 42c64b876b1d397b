import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ADMIN_PATHS, type GatewayStatus } from '../../protocol/admin.ts';
import { GATEWAY_ENV } from '../../protocol/gateway-env.ts';
import { POLL_PATH, WEBSOCKET_PATH } from '../../protocol/paths.ts';

export const GATEWAY_ENTRY = fileURLToPath(new URL('../../gateway/main.ts', import.meta.url));
export const ADMIN_TOKEN = 'a-token-for-the-tests';

/** A gateway as a process of its own, on free ports of loopback. */
export class GatewayProcess {
  readonly child: ChildProcess;
  output = '';
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  #ports = { port: 0, adminPort: 0 };

  private constructor(settings: Partial<Record<keyof typeof GATEWAY_ENV, string>>) {
    const all = { host: '127.0.0.1', port: '0', adminPort: '0', adminToken: ADMIN_TOKEN, ...settings };
    const env = Object.fromEntries(Object.entries(all).map(([key, value]) => [GATEWAY_ENV[key as keyof typeof GATEWAY_ENV], value]));
    this.child = spawn(process.execPath, [GATEWAY_ENTRY], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.output += chunk;
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.output += chunk;
    });
    this.exited = once(this.child, 'close').then(([code, signal]) => ({ code, signal }));
  }

  /** Starts one; `started` gets it before it is ready, so that a test can end it whatever happens. */
  static async start(
    started: (gateway: GatewayProcess) => void,
    settings: Partial<Record<keyof typeof GATEWAY_ENV, string>> = {},
  ): Promise<GatewayProcess> {
    const gateway = new GatewayProcess(settings);
    started(gateway);
    const { port = '', adminPort = '' } = (await gateway.until(/"port":(?<port>\d+),"adminPort":(?<adminPort>\d+)/)).groups ?? {};
    gateway.#ports = { port: Number(port), adminPort: Number(adminPort) };
    return gateway;
  }

  get websocketUrl(): string {
    return `ws://127.0.0.1:${this.#ports.port}${WEBSOCKET_PATH}`;
  }

  get pollUrl(): string {
    return this.url(POLL_PATH);
  }

  /** On the port for clients. */
  url(path: string): string {
    return `http://127.0.0.1:${this.#ports.port}${path}`;
  }

  /** Where Prometheus finds its metrics. */
  get metricsAddress(): string {
    return `127.0.0.1:${this.#ports.adminPort}`;
  }

  /** Asks the admin port. */
  admin(method: 'GET' | 'POST', path: string, body?: unknown, token: string = ADMIN_TOKEN): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.#ports.adminPort}${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}` },
      ...(body === undefined ? null : { body: JSON.stringify(body) }),
    });
  }

  async status(): Promise<GatewayStatus> {
    return (await this.admin('GET', ADMIN_PATHS.status)).json() as Promise<GatewayStatus>;
  }

  /** Resolves when the output matches; rejects when the process ends before. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.output);
      if (match !== null) return match;
      if (this.child.exitCode !== null || this.child.stdout === null) throw new Error(`The gateway ended: ${this.output}`);
      await Promise.race([once(this.child.stdout, 'data'), this.exited]);
    }
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }
}
