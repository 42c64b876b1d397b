/** A channel with frames for its subscribers. */
export interface Flushable {
  /** Writes that a flush of it takes: its subscribers. */
  readonly writes: number;
  /** It is not flushed before, monotonic, ms. Kept here for the flusher. */
  notBefore: number;
  /** Hands its frames to the outlets. `alone`: no other channel is flushed with it. */
  flush(alone: boolean): void;
}

/** A connection with something queued to be written, or to be ended. */
export interface Queued {
  writeQueued(): void;
}

/** What a flusher takes time from. */
export interface FlusherOptions {
  /** Monotonic, ms. */
  readonly now: () => number;
  /** The longest that a message waits for others, ms. */
  readonly maxDelayMs: number;
}

/** A channel rests so many times as long as its flush took: flushing it takes at most a quarter of the time. */
const REST = 3;
/** What a write costs before any was measured, ms. */
const FIRST_COST_MS = 0.008;
/** The weight of the last flush in the mean cost of a write: one pause of the collector shall not count for much. */
const WEIGHT = 0.1;

/**
 * Decides when what is to be written is written, so that much becomes few writes.
 * - Connections (answers, acknowledgements) are written at the end of the turn in which they were queued.
 * - Channels too, unless they rest: after a flush a channel rests the longer, the more its flush cost (its subscribers), up to `maxDelayMs`.
 *   What comes for it meanwhile goes out in one write to each subscriber. A small channel hardly rests, for nothing would be saved.
 */
export class Flusher {
  readonly #options: FlusherOptions;
  #due: Flushable[] = [];
  #resting: Flushable[] = [];
  #queued: Queued[] = [];
  #immediate: NodeJS.Immediate | null = null;
  #timer: NodeJS.Timeout | null = null;
  #timerAt = Number.POSITIVE_INFINITY;
  #costMs = FIRST_COST_MS;

  constructor(options: FlusherOptions) {
    this.#options = options;
  }

  /** Asks for a flush of the channel; it asks once until it is flushed. */
  channel(channel: Flushable): void {
    if (channel.notBefore - this.#options.now() < 1) {
      this.#due.push(channel);
      this.#soon();
    } else {
      this.#resting.push(channel);
      if (channel.notBefore < this.#timerAt) this.#wakeAt(channel.notBefore);
    }
  }

  /** Asks for the connection to be written at the end of this turn, or of the flush that goes on; it asks once until it is written. */
  queued(connection: Queued): void {
    this.#queued.push(connection);
    this.#soon();
  }

  /** Drops what is still to be written. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    this.#due = [];
    this.#resting = [];
    this.#queued = [];
  }

  #soon(): void {
    this.#immediate ??= setImmediate(this.#turnEnds);
  }

  readonly #turnEnds = (): void => {
    if (this.#due.length > 0) this.#flush();
    this.#writeQueued();
    this.#immediate = null;
    // Who was found to be too slow is ended in the next turn.
    if (this.#queued.length > 0 || this.#due.length > 0) this.#soon();
  };

  #flush(): void {
    const channels = this.#due;
    this.#due = [];
    const start = this.#options.now();
    let writes = 0;
    const alone = channels.length === 1;
    for (const channel of channels) {
      writes += channel.writes;
      channel.flush(alone);
    }
    this.#writeQueued();
    const end = this.#options.now();
    if (writes > 0) this.#costMs += WEIGHT * ((end - start) / writes - this.#costMs);
    for (const channel of channels) channel.notBefore = end + Math.min(this.#options.maxDelayMs, REST * this.#costMs * channel.writes);
  }

  #writeQueued(): void {
    const queued = this.#queued;
    if (queued.length === 0) return;
    this.#queued = [];
    for (const connection of queued) connection.writeQueued();
  }

  #wakeAt(at: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(this.#wake, Math.max(1, at - this.#options.now()));
  }

  readonly #wake = (): void => {
    this.#timer = null;
    this.#timerAt = Number.POSITIVE_INFINITY;
    const resting = this.#resting;
    this.#resting = [];
    for (const channel of resting) this.channel(channel);
  };
}
