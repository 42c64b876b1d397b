import type { Connection } from './connection.ts';
import type { ConnectionTable } from './table.ts';

/** Connections told in one turn: however many there are, nothing else waits for long. */
const AT_ONCE = 500;

/**
 * Tells every connection that the broker is degraded, or is so no more. A telling that another one overtakes ends: each connection is told
 * the newest. Those that come meanwhile are told by their own session.
 */
export class DegradedNotice {
  readonly #table: ConnectionTable;
  #immediate: NodeJS.Immediate | null = null;

  constructor(table: ConnectionTable) {
    this.#table = table;
  }

  tell(degraded: boolean): void {
    this.close();
    this.#telling(this.#table[Symbol.iterator](), degraded);
  }

  close(): void {
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    this.#immediate = null;
  }

  #telling(connections: Iterator<Connection>, degraded: boolean): void {
    for (let told = 0; told < AT_ONCE; told++) {
      const next = connections.next();
      if (next.done === true) return;
      next.value.degraded(degraded);
    }
    this.#immediate = setImmediate(() => this.#telling(connections, degraded));
  }
}
