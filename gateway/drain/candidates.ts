import type { Connection } from '../connection/connection.ts';
import type { ConnectionTable } from '../connection/table.ts';

/** After a pass over the whole table found nobody more, the next begins so much later, ms. */
const REST_MS = 500;

/** Goes through the table again and again, oldest connections first, without looking at each of them for each one that is found. */
export class Candidates {
  readonly #table: ConnectionTable;
  #pass: Iterator<Connection> | null = null;
  #restUntil = 0;

  constructor(table: ConnectionTable) {
    this.#table = table;
  }

  /** Begins a pass anew, with the next call of `next`. */
  restart(): void {
    this.#pass = null;
    this.#restUntil = 0;
  }

  /** The next one that is wanted; null when the pass is over, and a while after it. `now`: monotonic, ms. */
  next(now: number, isWanted: (connection: Connection) => boolean): Connection | null {
    if (this.#pass === null && now < this.#restUntil) return null;
    this.#pass ??= this.#table[Symbol.iterator]();
    for (;;) {
      const { done, value } = this.#pass.next();
      if (done === true) {
        this.#pass = null;
        this.#restUntil = now + REST_MS;
        return null;
      }
      if (isWanted(value)) return value;
    }
  }
}
