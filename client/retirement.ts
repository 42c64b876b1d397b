import type { Connection } from './connection.ts';
import type { Timers } from './timers.ts';

/** How long an old connection is kept for its last answers, ms. */
const LINGER_MS = 2_000;

/** Connections that another one has replaced: each is closed when what was said on it is answered, by whichever connection, or soon. */
export class Retirement {
  readonly #timers: Timers;
  readonly #closed: (connection: Connection) => void;
  /** And the ids of what is not answered. */
  readonly #retiring = new Map<Connection, Set<string>>();

  /** `closed`: told of each that it closed. */
  constructor(timers: Timers, closed: (connection: Connection) => void) {
    this.#timers = timers;
    this.#closed = closed;
  }

  add(connection: Connection, unanswered: readonly string[]): void {
    this.#retiring.set(connection, new Set(unanswered));
  }

  /** To be called once the new connection has taken over. */
  begin(connection: Connection): void {
    const unanswered = this.#retiring.get(connection);
    if (unanswered === undefined) return;
    if (unanswered.size === 0) this.#close(connection);
    else this.#timers.after(LINGER_MS, () => this.#close(connection));
  }

  answered(id: string): void {
    for (const [connection, unanswered] of this.#retiring) {
      if (unanswered.delete(id) && unanswered.size === 0) this.#close(connection);
    }
  }

  /** It ended by itself. */
  ended(connection: Connection): void {
    this.#retiring.delete(connection);
  }

  /** Closes all at once. */
  clear(): void {
    for (const connection of this.#retiring.keys()) this.#close(connection);
  }

  #close(connection: Connection): void {
    if (!this.#retiring.delete(connection)) return;
    connection.link.close();
    this.#closed(connection);
  }
}
