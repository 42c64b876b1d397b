import type { RedisServer } from '../../servers/redis/server.ts';
import type { Draw } from '../draw.ts';

/** Servers, what was done to each, and the names by which a run speaks of them. */
export class Nodes {
  readonly all: readonly RedisServer[];
  readonly #name: string;
  readonly #paused = new Set<RedisServer>();

  /** `name`: of each, with its number when there are several. */
  constructor(name: string, all: readonly RedisServer[]) {
    this.#name = name;
    this.all = all;
  }

  /** Those that run and don't stand still. */
  get steady(): readonly RedisServer[] {
    return this.all.filter((node) => this.isSteady(node));
  }

  isSteady(node: RedisServer): boolean {
    return node.running && !this.#paused.has(node);
  }

  pick(draw: Draw): RedisServer | null {
    return draw.pick(this.steady) ?? null;
  }

  nameOf(node: RedisServer): string {
    return this.all.length === 1 ? this.#name : `${this.#name}-${this.all.indexOf(node)}`;
  }

  /** It stands still: connections stay open, and nothing is answered. */
  pause(node: RedisServer): void {
    this.#paused.add(node);
    node.pause();
  }

  resume(node: RedisServer): void {
    this.#paused.delete(node);
    if (node.running) node.resume();
  }

  async restart(node: RedisServer): Promise<void> {
    this.#paused.delete(node);
    await node.restart();
  }

  /** Those that stand still go on, and those that ended are started. */
  async heal(): Promise<void> {
    for (const node of [...this.#paused]) this.resume(node);
    await Promise.all(this.all.filter(({ running }) => !running).map((node) => this.restart(node)));
  }
}
