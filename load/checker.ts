import { build, type Histogram } from 'hdr-histogram-js';
import { ConnectionBooks } from './connection-books.ts';
import { float32, float64, Growable, uint8, uint32 } from './growable.ts';
import { Runs } from './runs.ts';
import type { Verdict } from './verdict.ts';

/** A client of the run, as the checker must know it. */
export interface CheckedClient {
  /** Number of the channel that it subscribes to and publishes in. */
  readonly channel: number;
  /** It reads slowly on purpose: its latency and silence say nothing about the cluster. */
  readonly slow: boolean;
}

/** A message at a place. `message` is the run's own number of it, made before the SDK saw it and carried in its data. */
export interface Place {
  readonly message: number;
  /** The client that published it; its messages have rising numbers. */
  readonly publisher: number;
  /** See `Checker.line`. */
  readonly line: number;
  readonly offset: number;
}

/** One life of one channel's history: the same offset means the same message to all. */
interface Line {
  readonly channel: number;
  /** offset → 0, `STORED` or `ACKNOWLEDGED`. */
  readonly log: Growable<Uint8Array<ArrayBuffer>>;
}

/** What one client was delivered of one line. */
interface Reading {
  readonly line: number;
  /** The stream began right after this offset. */
  readonly start: number;
  readonly delivered: Runs;
}

/** Offsets stay below this, so that a line and an offset fit into one number. */
const OFFSETS = 2 ** 32;

/** What a line's log knows of an offset: a message's home is there; and it was acknowledged. */
const STORED = 1;
const ACKNOWLEDGED = 2;

/** What the time of a message reads that was not acknowledged. */
const NEVER = 0;

/**
 * The books of a load run, kept apart from all that the SDK remembers: what was acknowledged, at which offset, and what each client was
 * delivered. It takes observations in any order (they come in batches from several threads) and knows no clock: times are ms since the
 * run began. A message costs about 25 bytes, a client's deliveries as good as nothing while they come in order.
 */
export class Checker {
  readonly #clients: readonly CheckedClient[];
  readonly #readings: Reading[][];
  readonly #lines: Line[] = [];
  readonly #lineNumbers = new Map<string, number>();
  /** message → line * OFFSETS + offset + 1, where it was first seen or acknowledged; 0 when nowhere. */
  readonly #homes = new Growable<Float64Array<ArrayBuffer>>(float64, 1024);
  readonly #publishers = new Growable<Uint32Array<ArrayBuffer>>(uint32, 1024);
  readonly #acknowledgedAt = new Growable<Float32Array<ArrayBuffer>>(float32, 1024);
  readonly #latency: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 24 * 3_600_000_000,
    numberOfSignificantValueDigits: 3,
  });
  readonly connections: ConnectionBooks;
  #sent = 0;
  #acknowledged = 0;
  #delivered = 0;
  #duplicated = 0;
  #reordered = 0;
  #gaps = 0;
  #failed = 0;

  constructor(clients: readonly CheckedClient[]) {
    this.#clients = clients;
    this.#readings = clients.map(() => []);
    this.connections = new ConnectionBooks(clients.length);
  }

  /** The number of the line that this epoch of this channel is, made at its first mention. */
  line(channel: number, epoch: string): number {
    const key = `${channel} ${epoch}`;
    let number = this.#lineNumbers.get(key);
    if (number === undefined) {
      number = this.#lines.push({ channel, log: new Growable(uint8) }) - 1;
      this.#lineNumbers.set(key, number);
    }
    return number;
  }

  sent(): void {
    this.#sent++;
  }

  /** The SDK gave a publish up. */
  failed(): void {
    this.#failed++;
  }

  /** The client's stream begins right after `offset`. Only the first time counts: from then on it must get everything. */
  subscribed(client: number, line: number, offset: number): void {
    const readings = this.#readingsOf(client);
    if (readings.length === 0) readings.push({ line, start: offset, delivered: new Runs() });
  }

  acknowledged(place: Place, at: number): void {
    this.#acknowledged++;
    this.#acknowledgedAt.set(place.message, Math.max(at, NEVER + 0.001));
    if (!this.#record(place, true)) this.#reordered++;
  }

  delivered(client: number, place: Place, at: number, latencyMs: number): void {
    const readings = this.#readingsOf(client);
    const inPlace = this.#record(place, false);
    const home = this.#homes.get(place.message) - 1;
    if (home < 0) {
      // Another message is known to be at its place, and it has no place of its own.
      this.#delivered++;
      this.#reordered++;
      return;
    }
    const reading = this.#readingAt(readings, Math.floor(home / OFFSETS));
    const offset = home % OFFSETS;
    const highest = reading.delivered.highest;
    if (!reading.delivered.add(offset)) {
      this.#duplicated++;
      return;
    }
    this.#delivered++;
    if (!inPlace || (highest !== null && offset < highest) || reading !== readings.at(-1)) this.#reordered++;
    if (this.#clients[client]?.slow || this.#clients[place.publisher]?.slow) return;
    this.#latency.recordValue(Math.max(1, Math.round(latencyMs * 1000)));
    const acknowledgedAt = this.#acknowledgedAt.get(place.message);
    if (acknowledgedAt !== NEVER) this.connections.silent(client, at - acknowledgedAt);
  }

  gapTold(): void {
    this.#gaps++;
  }

  /** The sums so far, for a line of progress. What is lost is only known at the end. */
  progress() {
    const { connected, reconnects, migrations } = this.connections;
    return {
      sent: this.#sent,
      acknowledged: this.#acknowledged,
      delivered: this.#delivered,
      duplicated: this.#duplicated,
      reordered: this.#reordered,
      gaps: this.#gaps,
      connected,
      reconnects,
      migrations,
    };
  }

  /** Closes the books at `at`. */
  verdict(at: number): Verdict {
    const fast = (client: number) => !this.#clients[client]?.slow;
    const ms = (us: number) => Math.round(us / 10) / 100;
    const measured = this.#latency.totalCount > 0;
    return {
      sent: this.#sent,
      acknowledged: this.#acknowledged,
      delivered: this.#delivered,
      ...this.missing(),
      duplicated: this.#duplicated,
      reordered: this.#reordered + this.#againstPublishersOrder(),
      neverCameBack: this.connections.away,
      latencyMs: {
        p50: measured ? ms(this.#latency.getValueAtPercentile(50)) : 0,
        p99: measured ? ms(this.#latency.getValueAtPercentile(99)) : 0,
        max: measured ? ms(this.#latency.maxValue) : 0,
      },
      longestSilenceMs: this.connections.longestSilence(at, fast),
      reconnects: this.connections.reconnects,
      migrations: this.connections.migrations,
      peakReconnectsPerSecond: this.connections.peakPerSecond(),
      gaps: this.#gaps,
      failed: this.#failed,
      clients: this.connections.begun,
      neverCame: this.connections.neverCame,
      durationMs: Math.round(at),
    };
  }

  /**
   * Enters what is at a place. A message's home is the first place where it was seen or acknowledged, unless another's home is there.
   * False when this place is not its home.
   */
  #record({ message, publisher, line, offset }: Place, acknowledged: boolean): boolean {
    const here = line * OFFSETS + offset + 1;
    this.#publishers.set(message, publisher);
    const log = this.#lineAt(line).log;
    if (this.#homes.get(message) === 0 && log.get(offset) === 0) {
      this.#homes.set(message, here);
      log.set(offset, STORED);
    }
    const home = this.#homes.get(message);
    if (acknowledged && home !== 0) this.#lineAt(Math.floor((home - 1) / OFFSETS)).log.set((home - 1) % OFFSETS, ACKNOWLEDGED);
    return home === here;
  }

  /** The client's books of that line; a line that is new to it is owed to it from its beginning. */
  #readingAt(readings: Reading[], line: number): Reading {
    const known = readings.find((reading) => reading.line === line);
    if (known !== undefined) return known;
    const reading = { line, start: 0, delivered: new Runs() };
    readings.push(reading);
    return reading;
  }

  /** Acknowledged messages that a client should have got and did not, over all clients; and those of them that may come yet. */
  missing(): { readonly lost: number; readonly outstanding: number } {
    const acknowledgedUpTo = this.#lines.map(({ log }) => countAcknowledged(log));
    const linesOf = new Map<number, number[]>();
    for (const [line, { channel }] of this.#lines.entries()) linesOf.set(channel, [...(linesOf.get(channel) ?? []), line]);
    let lost = this.#lostToTheirPublisher();
    let outstanding = 0;
    for (const [client, readings] of this.#readings.entries()) {
      const first = readings[0];
      if (first === undefined) continue;
      for (const line of linesOf.get(this.#clients[client]?.channel ?? -1) ?? []) {
        const counts = acknowledgedUpTo[line] as Uint32Array;
        const reading = readings.find((one) => one.line === line);
        // A line that began before the client's first one ended before it came.
        if (reading === undefined && line < first.line) continue;
        const { start, delivered } = reading ?? { start: 0, delivered: new Runs() };
        for (const [from, to] of delivered.holes(start + 1, counts.length - 1)) {
          const count = (counts[to] as number) - (counts[from - 1] as number);
          lost += count;
          if (from > (delivered.highest ?? start)) outstanding += count;
        }
      }
    }
    return { lost, outstanding };
  }

  /** A client publishes only after it subscribed; if its stream is said to begin after its own message, the beginning is wrong. */
  #lostToTheirPublisher(): number {
    let lost = 0;
    for (let message = 0; message < this.#homes.length; message++) {
      const home = this.#homes.get(message) - 1;
      if (home < 0 || this.#acknowledgedAt.get(message) === NEVER) continue;
      const first = this.#readings[this.#publishers.get(message)]?.[0];
      if (first !== undefined && Math.floor(home / OFFSETS) === first.line && home % OFFSETS <= first.start) lost++;
    }
    return lost;
  }

  /** Messages stored before one that the same client had published earlier. */
  #againstPublishersOrder(): number {
    const lastHome = new Float64Array(this.#clients.length);
    let count = 0;
    for (let message = 0; message < this.#homes.length; message++) {
      const home = this.#homes.get(message);
      if (home === 0) continue;
      const publisher = this.#publishers.get(message);
      const last = lastHome[publisher] ?? 0;
      if (last > home && Math.floor((last - 1) / OFFSETS) === Math.floor((home - 1) / OFFSETS)) count++;
      lastHome[publisher] = home;
    }
    return count;
  }

  #lineAt(line: number): Line {
    const found = this.#lines[line];
    if (found === undefined) throw new RangeError(`line ${line} is not known`);
    return found;
  }

  #readingsOf(client: number): Reading[] {
    const readings = this.#readings[client];
    if (readings === undefined) throw new RangeError(`client ${client} is not known`);
    return readings;
  }
}

/** offset → how many acknowledged messages lie at it or before. */
function countAcknowledged(log: Growable<Uint8Array<ArrayBuffer>>): Uint32Array {
  const counts = new Uint32Array(Math.max(1, log.length));
  for (let offset = 1; offset < log.length; offset++)
    counts[offset] = (counts[offset - 1] as number) + (log.get(offset) === ACKNOWLEDGED ? 1 : 0);
  return counts;
}
