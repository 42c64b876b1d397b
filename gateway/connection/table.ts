import type { Connection } from './connection.ts';

/** All connections of one gateway. Adding and removing cost the same however many there are. */
export class ConnectionTable implements Iterable<Connection> {
  readonly #connections = new Set<Connection>();
  readonly #removed: ((connection: Connection) => void)[] = [];

  get size(): number {
    return this.#connections.size;
  }

  add(connection: Connection): void {
    this.#connections.add(connection);
  }

  /** Does nothing when it isn't there. */
  remove(connection: Connection): void {
    if (!this.#connections.delete(connection)) return;
    for (const listener of this.#removed) listener(connection);
  }

  /** Calls `listener` after each removal. */
  onRemoved(listener: (connection: Connection) => void): void {
    this.#removed.push(listener);
  }

  /** In the order in which they were added. Those added meanwhile come too. */
  [Symbol.iterator](): Iterator<Connection> {
    return this.#connections.values();
  }
}
