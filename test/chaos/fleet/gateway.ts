import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ADMIN_PATHS, type GatewayStatus } from '../../../protocol/admin.ts';
import { GATEWAY_ENV } from '../../../protocol/gateway-env.ts';
import { Child } from '../../servers/child.ts';
import { freePort } from '../../servers/ports.ts';
import type { Place } from '../../servers/redis/server.ts';

/** Settings of a gateway by their key. */
export type GatewayEnv = Readonly<Partial<Record<keyof typeof GATEWAY_ENV, string>>>;

/** How a gateway is started. */
export interface GatewayOptions {
  readonly name: string;
  /** Gets its log. */
  readonly folder: string;
  readonly env: GatewayEnv;
  readonly place: Place;
  /** Node's own options. */
  readonly execArgv: readonly string[];
}

const ENTRY = fileURLToPath(new URL('../../../gateway/main.ts', import.meta.url));
const ADMIN_TOKEN = 'the-token-of-a-chaos-run';
const LOOK_MS = 50;
const ADMIN_TIMEOUT_MS = 3_000;
const STOP_TIMEOUT_MS = 5_000;

/**
 * A real gateway process on ports of its own.
 * starting → ready, when its admin port answers → leaving, when it is told to go → ended; any → ended, when the process ends.
 */
export class Gateway {
  readonly name: string;
  /** Where clients reach it, host and port. */
  readonly address: string;
  readonly #adminAddress: string;
  readonly #child: Child;
  #state: 'starting' | 'ready' | 'leaving' = 'starting';
  #paused = false;
  #expected = false;

  private constructor({ name, folder, env, place, execArgv }: GatewayOptions, port: number, adminPort: number) {
    this.name = name;
    this.address = `${place.address}:${port}`;
    this.#adminAddress = `${place.address}:${adminPort}`;
    const all: GatewayEnv = {
      ...env,
      name,
      host: place.address,
      adminHost: place.address,
      port: String(port),
      adminPort: String(adminPort),
      adminToken: ADMIN_TOKEN,
    };
    this.#child = new Child({
      program: process.execPath,
      args: [...execArgv, ENTRY],
      folder,
      log: join(folder, `${name}.log`),
      before: place.before,
      env: Object.fromEntries(Object.entries(all).map(([key, value]) => [GATEWAY_ENV[key as keyof typeof GATEWAY_ENV], value])),
    });
  }

  static async start(options: GatewayOptions): Promise<Gateway> {
    return new Gateway(options, await freePort(), await freePort());
  }

  /** Resolves when its process has ended. */
  get ended(): Promise<unknown> {
    return this.#child.ended;
  }

  get running(): boolean {
    return this.#child.running;
  }

  /** Clients are sent to it; also when it stands still, for nobody knows that yet. */
  get takesClients(): boolean {
    return this.running && this.#state === 'ready';
  }

  /** It is ready and runs: what may be done to a gateway may be done to this one. */
  get isSteady(): boolean {
    return this.takesClients && !this.#paused;
  }

  /** It ended, and nobody told it to. */
  get crashed(): boolean {
    return !this.running && !this.#expected;
  }

  /** The last lines of its log. */
  get output(): string {
    return this.#child.output();
  }

  /** Resolves when it is ready, or has ended; it waits for Redis as long as it takes. */
  async ready(): Promise<void> {
    while (this.running) {
      if ((await this.status()) !== null) {
        if (this.#state === 'starting') this.#state = 'ready';
        return;
      }
      await sleep(LOOK_MS);
    }
  }

  /** Null when it doesn't answer. */
  async status(): Promise<GatewayStatus | null> {
    try {
      const response = await this.#admin('GET', ADMIN_PATHS.status);
      return response.ok ? ((await response.json()) as GatewayStatus) : null;
    } catch {
      return null;
    }
  }

  /** Asks it to move all its clients away at this rate, and resolves when it has none or the time is over. */
  async drain(ratePerSecond: number, timeoutMs: number, signal: AbortSignal): Promise<void> {
    this.#state = 'leaving';
    const until = performance.now() + timeoutMs;
    await this.#admin('POST', ADMIN_PATHS.drain, { ratePerSecond, timeoutMs }).catch(() => null);
    while (this.running && performance.now() < until && !signal.aborted) {
      const status = await this.status();
      if (status?.connections === 0) return;
      await sleep(LOOK_MS);
    }
  }

  /** Moves some of its clients away. */
  async shed(count: number, ratePerSecond: number): Promise<void> {
    await this.#admin('POST', ADMIN_PATHS.shed, { count, ratePerSecond }).catch(() => null);
  }

  /** It stands still: connections stay open, and nothing is answered. */
  pause(): void {
    this.#paused = true;
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#paused = false;
    this.#child.kill('SIGCONT');
  }

  /** Ends it without a word. */
  async kill9(): Promise<void> {
    this.#expected = true;
    this.#child.kill('SIGKILL');
    await this.#child.ended;
  }

  /** Tells it to go, and kills it when it doesn't in time. */
  async stop(): Promise<void> {
    this.#state = 'leaving';
    this.#expected = true;
    if (!this.running) return;
    this.#child.kill('SIGTERM');
    this.resume();
    const killing = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.#child.ended;
    clearTimeout(killing);
  }

  #admin(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Response> {
    return fetch(`http://${this.#adminAddress}${path}`, {
      method,
      headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, Connection: 'close' },
      signal: AbortSignal.timeout(ADMIN_TIMEOUT_MS),
      ...(body === undefined ? null : { body: JSON.stringify(body) }),
    });
  }
}
