import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Persistence } from '../../servers/redis/config.ts';
import { RedisServer } from '../../servers/redis/server.ts';
import type { Draw } from '../draw.ts';
import { Nodes } from './nodes.ts';
import type { RedisHome } from './scenario.ts';

/** One Redis server. */
export class ServerHome implements RedisHome {
  readonly server: RedisServer;
  readonly nodes: Nodes;

  private constructor(server: RedisServer) {
    this.server = server;
    this.nodes = new Nodes('redis', [server]);
  }

  static async open(persistence: Persistence): Promise<ServerHome> {
    return new ServerHome(await RedisServer.start({ persistence }));
  }

  async urlOf(): Promise<string> {
    return this.server.url;
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

  heal(): Promise<void> {
    return this.nodes.heal();
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  get #snapshot(): string {
    return join(this.server.folder, 'dump.rdb');
  }
}
