import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Persistence } from '../../servers/redis/config.ts';
import { RedisServer } from '../../servers/redis/server.ts';
import type { RedisHome } from './scenario.ts';

/** One Redis server. */
export class ServerHome implements RedisHome {
  readonly #server: RedisServer;
  #paused = false;

  private constructor(server: RedisServer) {
    this.#server = server;
  }

  static async open(persistence: Persistence): Promise<ServerHome> {
    return new ServerHome(await RedisServer.start({ persistence }));
  }

  async urlOf(): Promise<string> {
    return this.#server.url;
  }

  /** It runs and doesn't stand still. */
  get answers(): boolean {
    return this.#server.running && !this.#paused;
  }

  command(...args: readonly (string | number)[]): Promise<unknown> {
    return this.#server.command(...args);
  }

  kill9(): Promise<void> {
    return this.#server.kill9();
  }

  restart(): Promise<void> {
    this.#paused = false;
    return this.#server.restart();
  }

  pause(): void {
    this.#paused = true;
    this.#server.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#server.resume();
  }

  /** Keeps the last snapshot for later; false when there is none yet. */
  keepSnapshot(): boolean {
    if (!existsSync(this.#snapshot)) return false;
    copyFileSync(this.#snapshot, `${this.#snapshot}.kept`);
    return true;
  }

  /** Ends it at once, and starts it with the snapshot that was kept. */
  async restoreSnapshot(): Promise<void> {
    await this.kill9();
    copyFileSync(`${this.#snapshot}.kept`, this.#snapshot);
    await this.restart();
  }

  /** What it would find at its next start is lost. */
  removeSnapshot(): void {
    rmSync(this.#snapshot, { force: true });
  }

  async heal(): Promise<void> {
    if (this.#paused) this.resume();
    if (!this.#server.running) await this.restart();
    await this.command('CLIENT', 'UNPAUSE');
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  get #snapshot(): string {
    return join(this.#server.folder, 'dump.rdb');
  }
}
