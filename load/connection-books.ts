import { float64, Growable } from './growable.ts';

/** Why a connection was opened: a client's first, after a loss, or because a gateway asked it to move. */
export type Opening = 'first' | 'reconnect' | 'migrate';

/** Who was connected when. Times are ms of one monotonic clock. */
export class ConnectionBooks {
  /** Per client: since when it has no open and subscribed connection; NaN before its first one, Infinity while it has one. */
  readonly #downSince: Float64Array;
  readonly #longestSilence: Float64Array;
  /** When a client tried to connect again, each time. */
  readonly #triedAt = new Growable<Float64Array<ArrayBuffer>>(float64);
  #connected = 0;
  #reconnects = 0;
  #migrations = 0;
  #begun = 0;
  #came = 0;

  constructor(clients: number) {
    this.#downSince = new Float64Array(clients).fill(Number.NaN);
    this.#longestSilence = new Float64Array(clients);
  }

  get connected(): number {
    return this.#connected;
  }

  get reconnects(): number {
    return this.#reconnects;
  }

  get migrations(): number {
    return this.#migrations;
  }

  /** Clients that have begun to connect for the first time. */
  get begun(): number {
    return this.#begun;
  }

  /** Clients that have begun, and have no open and subscribed connection. */
  get away(): number {
    return this.#begun - this.#connected;
  }

  /** Clients that have begun, and never had one. */
  get neverCame(): number {
    return this.#begun - this.#came;
  }

  /** A client begins to connect for the first time. */
  began(): void {
    this.#begun++;
  }

  opened(why: Opening): void {
    if (why === 'first') return;
    if (why === 'reconnect') this.#reconnects++;
    else this.#migrations++;
  }

  /** A client that had a connection before tries to open one. */
  tried(at: number): void {
    this.#triedAt.push(at);
  }

  /** The client has an open connection on which it is subscribed (again). */
  up(client: number, at: number): void {
    const since = this.#downSince[client] as number;
    if (since === Number.POSITIVE_INFINITY) return;
    if (Number.isNaN(since)) this.#came++;
    else this.silent(client, at - since);
    this.#downSince[client] = Number.POSITIVE_INFINITY;
    this.#connected++;
  }

  /** It has none any more. */
  down(client: number, at: number): void {
    if (this.#downSince[client] !== Number.POSITIVE_INFINITY) return;
    this.#downSince[client] = at;
    this.#connected--;
  }

  /** It heard nothing for `ms` although there was something to hear. */
  silent(client: number, ms: number): void {
    if (ms > (this.#longestSilence[client] as number)) this.#longestSilence[client] = ms;
  }

  /** Over the clients that `counts`: each one's longest silence until `at`. */
  longestSilence(at: number, counts: (client: number) => boolean): { p99: number; max: number } {
    const silences = [...this.#longestSilence]
      .map((longest, client) => {
        const since = this.#downSince[client] as number;
        return Number.isFinite(since) ? Math.max(longest, at - since) : longest;
      })
      .filter((_, client) => counts(client))
      .sort((a, b) => a - b);
    const at99 = silences[Math.max(0, Math.ceil(silences.length * 0.99) - 1)];
    return { p99: Math.round(at99 ?? 0), max: Math.round(silences.at(-1) ?? 0) };
  }

  /** The most tries in any window of one second: what gateways would feel as a storm. */
  peakPerSecond(): number {
    const times = this.#triedAt.copy().sort();
    let peak = 0;
    for (let end = 0, start = 0; end < times.length; end++) {
      while ((times[end] as number) - (times[start] as number) >= 1000) start++;
      peak = Math.max(peak, end - start + 1);
    }
    return peak;
  }
}
