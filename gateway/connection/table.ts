import type { Connection } from './connection.ts';
import { PollsInFlight } from './polls-in-flight.ts';

/** All connections of one gateway. Adding and removing cost the same however many there are. */
export class ConnectionTable implements Iterable<Connection> {
  /** The polls of those that poll. */
  readonly polls = new PollsInFlight();
  readonly #connections = new Set<Connection>();
  #polling = 0;
  readonly #removed: ((connection: Connection) => void)[] = [];

  get size(): number {
    return this.#connections.size;
  }

  /**
   * How much of the capacity is used: a WebSocket is one, and so is a long poll in flight, now or on average over the last second, whatever is more.
   * 0 only when nobody is here. `now`: monotonic, ms.
   */
  occupied(now: number): number {
    const polls = Math.max(this.polls.held, Math.round(this.polls.average(now)), Math.min(1, this.#polling));
    return this.size - this.#polling + polls;
  }

  add(connection: Connection): void {
    if (this.#connections.has(connection)) return;
    this.#connections.add(connection);
    if (connection.transport === 'longpoll') this.#polling++;
  }

  /** Does nothing when it isn't there. */
  remove(connection: Connection): void {
    if (!this.#connections.delete(connection)) return;
    if (connection.transport === 'longpoll') this.#polling--;
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
