import type { Checker, Place } from './checker.ts';
import type { Opening } from './connection-books.ts';
import { float64, Growable } from './growable.ts';

/** What a worker saw since its last batch: records of `FIELDS` numbers, and the lines that they mention for the first time. */
export interface Batch {
  readonly records: Float64Array<ArrayBuffer>;
  /** In the order of the worker's own line numbers. */
  readonly newLines: readonly { readonly channel: number; readonly epoch: string }[];
}

const FIELDS = 8;
const KINDS = ['began', 'sent', 'failed', 'acknowledged', 'delivered', 'subscribed', 'gap', 'tried', 'opened', 'up', 'down'] as const;
const OPENINGS = ['first', 'reconnect', 'migrate'] as const satisfies readonly Opening[];
type Kind = (typeof KINDS)[number];
const CODE = Object.fromEntries(KINDS.map((kind, code) => [kind, code])) as Record<Kind, number>;

/** The worker's side: takes observations as plain numbers, so that telling the main thread costs no more than a copy. */
export class ObservationWriter {
  readonly #lines = new Map<string, number>();
  #records = new Growable<Float64Array<ArrayBuffer>>(float64, 1024 * FIELDS);
  #newLines: { channel: number; epoch: string }[] = [];

  /** This worker's number of the line. */
  line(channel: number, epoch: string): number {
    const key = `${channel} ${epoch}`;
    let number = this.#lines.get(key);
    if (number === undefined) {
      number = this.#lines.size;
      this.#lines.set(key, number);
      this.#newLines.push({ channel, epoch });
    }
    return number;
  }

  began(client: number, at: number): void {
    this.#write('began', at, client);
  }

  sent(at: number): void {
    this.#write('sent', at);
  }

  failed(at: number): void {
    this.#write('failed', at);
  }

  acknowledged(place: Place, at: number): void {
    this.#write('acknowledged', at, 0, place);
  }

  delivered(client: number, place: Place, at: number, latencyMs: number): void {
    this.#write('delivered', at, client, place, latencyMs);
  }

  subscribed(client: number, line: number, offset: number, at: number): void {
    this.#write('subscribed', at, client, { message: 0, publisher: 0, line, offset });
  }

  gapTold(client: number, at: number): void {
    this.#write('gap', at, client);
  }

  tried(client: number, at: number): void {
    this.#write('tried', at, client);
  }

  opened(client: number, at: number, why: Opening): void {
    this.#write('opened', at, client, undefined, OPENINGS.indexOf(why));
  }

  up(client: number, at: number): void {
    this.#write('up', at, client);
  }

  down(client: number, at: number): void {
    this.#write('down', at, client);
  }

  /** What was written since the last call; its buffer may be transferred. */
  take(): Batch {
    const batch = { records: this.#records.copy(), newLines: this.#newLines };
    this.#records.clear();
    this.#newLines = [];
    return batch;
  }

  #write(kind: Kind, at: number, client = 0, place?: Place, extra = 0): void {
    const records = this.#records;
    records.push(CODE[kind]);
    records.push(at);
    records.push(client);
    records.push(place?.message ?? 0);
    records.push(place?.publisher ?? 0);
    records.push(place?.line ?? 0);
    records.push(place?.offset ?? 0);
    records.push(extra);
  }
}

/** The main thread's side: enters one worker's batches into the books. */
export class ObservationReader {
  readonly #checker: Checker;
  /** The worker's line number → the checker's. */
  readonly #lines: number[] = [];
  /** How each kind is entered: from the records, at the index where one begins. */
  readonly #entries: Readonly<Record<Kind, (records: Float64Array, i: number) => void>>;

  constructor(checker: Checker) {
    this.#checker = checker;
    const { connections } = checker;
    const at = (records: Float64Array, i: number) => records[i + 1] as number;
    const client = (records: Float64Array, i: number) => records[i + 2] as number;
    const extra = (records: Float64Array, i: number) => records[i + 7] as number;
    this.#entries = {
      began: () => connections.began(),
      sent: () => checker.sent(),
      failed: () => checker.failed(),
      acknowledged: (r, i) => checker.acknowledged(this.#place(r, i), at(r, i)),
      delivered: (r, i) => checker.delivered(client(r, i), this.#place(r, i), at(r, i), extra(r, i)),
      subscribed: (r, i) => checker.subscribed(client(r, i), this.#line(r, i), r[i + 6] as number),
      gap: () => checker.gapTold(),
      tried: (r, i) => connections.tried(at(r, i)),
      opened: (r, i) => connections.opened(OPENINGS[extra(r, i)] ?? 'reconnect'),
      up: (r, i) => connections.up(client(r, i), at(r, i)),
      down: (r, i) => connections.down(client(r, i), at(r, i)),
    };
  }

  read({ records, newLines }: Batch): void {
    for (const { channel, epoch } of newLines) this.#lines.push(this.#checker.line(channel, epoch));
    for (let i = 0; i < records.length; i += FIELDS) this.#enter(records, i);
  }

  #enter(records: Float64Array, i: number): void {
    const kind = KINDS[records[i] as number];
    if (kind === undefined) throw new RangeError(`no observation has the code ${records[i]}`);
    this.#entries[kind](records, i);
  }

  #place(records: Float64Array, i: number): Place {
    return {
      message: records[i + 3] as number,
      publisher: records[i + 4] as number,
      line: this.#line(records, i),
      offset: records[i + 6] as number,
    };
  }

  #line(records: Float64Array, i: number): number {
    const line = this.#lines[records[i + 5] as number];
    if (line === undefined) throw new RangeError(`the worker never told its line ${records[i + 5]}`);
    return line;
  }
}
