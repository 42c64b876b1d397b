import type { Position } from '../../protocol/position.ts';

/** Memory that the tails of all channels may take together, bytes of frames. */
export class TailBudget {
  readonly maxBytes: number;
  usedBytes = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }
}

/** How much of one channel is kept encoded. */
export interface TailLimits {
  readonly maxMessages: number;
  readonly maxBytes: number;
}

/** Above the budget of all channels each may still keep so many: enough for clients that move from one gateway to another. */
const LEAST_MESSAGES = 8;

/** A channel's newest messages, encoded and contiguous, so that a resume from within them needs no read of the broker. */
export class Tail {
  readonly #limits: TailLimits;
  readonly #budget: TailBudget;
  #positions: Position[] = [];
  #frames: Buffer[] = [];
  /** Where the kept ones begin in the two lists; what is before is let go in larger pieces. */
  #start = 0;
  #bytes = 0;
  #base: Position;

  constructor(base: Position, limits: TailLimits, budget: TailBudget) {
    this.#base = base;
    this.#limits = limits;
    this.#budget = budget;
  }

  /** The position right before the oldest message kept. */
  get base(): Position {
    return this.#base;
  }

  get length(): number {
    return this.#positions.length - this.#start;
  }

  /** Adds the message that follows the newest one. */
  push(position: Position, frame: Buffer): void {
    this.#positions.push(position);
    this.#frames.push(frame);
    this.#count(frame.length);
    while (this.length > 0 && this.#isOver()) this.#dropOldest();
    if (this.#start > 64 && this.#start * 2 > this.#positions.length) this.#compact();
  }

  /** Adds what was read of the history: the messages right after `from`, up to the base. Of what would be too much the newest are kept. */
  prepend(from: Position, positions: readonly Position[], frames: readonly Buffer[]): void {
    let first = positions.length;
    let bytes = 0;
    while (first > 0) {
      const more = bytes + (frames[first - 1]?.length ?? 0);
      const { maxMessages, maxBytes } = this.#limits;
      const fits = this.length + positions.length - first < maxMessages && this.#bytes + more <= maxBytes;
      if (!fits || this.#budget.usedBytes + more > this.#budget.maxBytes) break;
      bytes = more;
      first--;
    }
    if (first === positions.length) return;
    this.#positions = [...positions.slice(first), ...this.#positions.slice(this.#start)];
    this.#frames = [...frames.slice(first), ...this.#frames.slice(this.#start)];
    this.#start = 0;
    this.#base = positions[first - 1] ?? from;
    this.#count(bytes);
  }

  /** The position with this offset, or null when the tail doesn't reach it. */
  at(offset: number): Position | null {
    const from = offset - this.#base.offset;
    if (from === 0) return this.#base;
    return from < 0 ? null : (this.#positions[this.#start + from - 1] ?? null);
  }

  /** The frames of all messages after this offset, which the tail must reach. */
  after(offset: number): Buffer[] {
    return this.#frames.slice(this.#start + offset - this.#base.offset);
  }

  /** Starts anew, right after `base`. */
  reset(base: Position): void {
    this.#count(-this.#bytes);
    this.#positions = [];
    this.#frames = [];
    this.#start = 0;
    this.#base = base;
  }

  #isOver(): boolean {
    if (this.length > this.#limits.maxMessages || this.#bytes > this.#limits.maxBytes) return true;
    return this.#budget.usedBytes > this.#budget.maxBytes && this.length > LEAST_MESSAGES;
  }

  #dropOldest(): void {
    const position = this.#positions[this.#start];
    const frame = this.#frames[this.#start];
    if (position === undefined || frame === undefined) return;
    this.#base = position;
    this.#count(-frame.length);
    // The slot would keep the buffer alive until the next compaction.
    this.#frames[this.#start] = EMPTY;
    this.#start++;
  }

  #compact(): void {
    this.#positions = this.#positions.slice(this.#start);
    this.#frames = this.#frames.slice(this.#start);
    this.#start = 0;
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.#budget.usedBytes += bytes;
  }
}

const EMPTY = Buffer.alloc(0);
