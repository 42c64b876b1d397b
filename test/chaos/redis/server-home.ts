import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Persistence } from '../../servers/redis/config.ts';
import { TcpProxy } from '../../servers/redis/proxy.ts';
import { type Place, RedisServer } from '../../servers/redis/server.ts';
import type { Draw } from '../draw.ts';
import { LOOPBACK } from './machines.ts';
import { Nodes } from './nodes.ts';
import type { RedisHome } from './scenario.ts';

/** One Redis server; each gateway reaches it by a proxy of its own. */
export class ServerHome implements RedisHome {
  readonly server: RedisServer;
  readonly nodes: Nodes;
  readonly #proxies = new Map<string, TcpProxy>();

  private constructor(server: RedisServer) {
    this.server = server;
    this.nodes = new Nodes('redis', [server]);
  }

  static async open(persistence: Persistence): Promise<ServerHome> {
    return new ServerHome(await RedisServer.start({ persistence }));
  }

  async settle(gateway: string): Promise<{ readonly place: Place; readonly broker: string }> {
    const proxy = await TcpProxy.start(this.server);
    this.#proxies.set(gateway, proxy);
    return { place: LOOPBACK, broker: `redis://${proxy.host}:${proxy.port}` };
  }

  async leave(gateway: string): Promise<void> {
    const proxy = this.#proxies.get(gateway);
    this.#proxies.delete(gateway);
    await proxy?.stop();
  }

  /** A gateway's way to the server; null when it has ended. */
  proxyOf(gateway: string): TcpProxy | null {
    return this.#proxies.get(gateway) ?? null;
  }

  async reachable(draw: Draw): Promise<RedisServer | null> {
    return this.nodes.pick(draw);
  }

  /** Keeps the last snapshot for later; false when there is none yet. */
  keepSnapshot(): boolean {
    if (!existsSync(this.#snapshot)) return false;
    copyFileSync(this.#snapshot, `${this.#snapshot}.kept`);
    return true;
  }

  /** Ends it at once, and starts it with the snapshot that was kept. */
  async restoreSnapshot(): Promise<void> {
    await this.server.kill9();
    copyFileSync(`${this.#snapshot}.kept`, this.#snapshot);
    await this.nodes.restart(this.server);
  }

  /** What it would find at its next start is lost. */
  removeSnapshot(): void {
    rmSync(this.#snapshot, { force: true });
  }

  async heal(): Promise<void> {
    await Promise.all([...this.#proxies.values()].map((proxy) => proxy.heal()));
    await this.nodes.heal();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#proxies.values()].map((proxy) => proxy.stop()));
    await this.server.stop();
  }

  get #snapshot(): string {
    return join(this.server.folder, 'dump.rdb');
  }
}
