/** A channel with frames for its subscribers. */
export interface Flushable {
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

/** Between two flushes of channels at least so many times the cost of the last one passes: flushing takes at most a quarter of the time. */
const REST = 3;

/**
 * Decides when what is to be written is written, so that much becomes few writes.
 * - Connections (answers, acknowledgements) are written at the end of the turn in which they were queued.
 * - Channels too while there is little to do. The more a flush costs (subscribers × messages), the longer the next one waits, up to
 *   `maxDelayMs`: messages of one channel that come in the meantime go out in one write to each subscriber.
 */
export class Flusher {
  readonly #options: FlusherOptions;
  #channels: Flushable[] = [];
  #queued: Queued[] = [];
  #immediate: NodeJS.Immediate | null = null;
  #timer: NodeJS.Timeout | null = null;
  #notBefore = 0;
  #channelsDue = false;

  constructor(options: FlusherOptions) {
    this.#options = options;
  }

  /** Asks for a flush of the channel; it asks once until it is flushed. */
  channel(channel: Flushable): void {
    this.#channels.push(channel);
    if (this.#channelsDue || this.#timer !== null) return;
    const wait = this.#notBefore - this.#options.now();
    if (wait < 1) {
      this.#channelsDue = true;
      this.#soon();
    } else {
      this.#timer = setTimeout(this.#flushAll, wait);
    }
  }

  /** Asks for the connection to be written at the end of this turn, or of the flush that goes on; it asks once until it is written. */
  queued(connection: Queued): void {
    this.#queued.push(connection);
    this.#soon();
  }

  /** Writes all at once. */
  flushNow(): void {
    this.#flushAll();
  }

  /** Drops what is still to be written. */
  close(): void {
    this.#disarm();
    this.#channels = [];
    this.#queued = [];
  }

  #soon(): void {
    this.#immediate ??= setImmediate(this.#turnEnd);
  }

  readonly #turnEnd = (): void => {
    this.#immediate = null;
    if (this.#channelsDue) this.#flushAll();
    else this.#writeQueued();
  };

  readonly #flushAll = (): void => {
    this.#disarm();
    const start = this.#options.now();
    const channels = this.#channels;
    this.#channels = [];
    const alone = channels.length === 1;
    for (const channel of channels) channel.flush(alone);
    this.#writeQueued();
    const end = this.#options.now();
    this.#notBefore = end + Math.min(this.#options.maxDelayMs, REST * (end - start));
  };

  #writeQueued(): void {
    const queued = this.#queued;
    this.#queued = [];
    for (const connection of queued) connection.writeQueued();
    // What was queued by the flush itself has just been written: no turn's end is needed for it.
    if (this.#queued.length === 0 && !this.#channelsDue && this.#immediate !== null) {
      clearImmediate(this.#immediate);
      this.#immediate = null;
    }
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    this.#timer = null;
    this.#immediate = null;
    this.#channelsDue = false;
  }
}
