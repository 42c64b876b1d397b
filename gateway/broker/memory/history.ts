import { asOffset, type Epoch, type Position } from '../../../protocol/position.ts';
import type { HistoryLimits, NewMessage, Page, ReadResult, StoredMessage } from '../broker.ts';
import { FIRST_DIGEST, nextDigest } from '../digest.ts';
import { Ring } from './ring.ts';

interface Kept {
  readonly message: StoredMessage;
  /** Monotonic, ms: the wall clock may jump, an age may not. */
  readonly storedAt: number;
}

/** One life of a channel's history: the newest messages, contiguous from right after `floor` up to `head`. */
export class History {
  readonly #kept = new Ring<Kept>();
  #floor: Position;
  #head: Position;

  constructor(epoch: Epoch) {
    this.#head = { epoch, offset: asOffset(0), digest: FIRST_DIGEST };
    this.#floor = this.#head;
  }

  /** The position of the newest message. */
  get head(): Position {
    return this.#head;
  }

  get length(): number {
    return this.#kept.length;
  }

  /** When the oldest message kept was stored (monotonic, ms), or null without messages. */
  get oldestAt(): number | null {
    return this.#kept.at(0)?.storedAt ?? null;
  }

  /** Stores a message at the next offset. `time`: wall clock, `now`: monotonic, both ms. */
  append(message: NewMessage, time: number, now: number): StoredMessage {
    const { id, member, name, data } = message;
    const { epoch, offset, digest } = this.#head;
    const position: Position = { epoch, offset: asOffset(offset + 1), digest: nextDigest(digest, id) };
    const stored: StoredMessage = name === undefined ? { id, member, data, position, time } : { id, member, name, data, position, time };
    this.#head = position;
    this.#kept.push({ message: stored, storedAt: now });
    return stored;
  }

  /** Lets go of what is beyond the limits. */
  trim(limits: HistoryLimits, now: number): void {
    while (this.#kept.length > limits.maxMessages) this.#dropOldest();
    let oldest = this.#kept.at(0);
    while (oldest !== undefined && oldest.storedAt + limits.maxAgeMs <= now) {
      this.#dropOldest();
      oldest = this.#kept.at(0);
    }
  }

  /** See `Broker.read`. */
  read(after: Position, limit: number): ReadResult {
    if (after.epoch !== this.#head.epoch) return { kind: 'gap', reason: 'epoch', to: this.#floor };
    if (after.offset > this.#head.offset) return { kind: 'gap', reason: 'fork', to: this.#head };
    const from = after.offset - this.#floor.offset;
    if (from < 0) return { kind: 'gap', reason: 'trimmed', to: this.#floor };
    const ours = from === 0 ? this.#floor : this.#kept.at(from - 1)?.message.position;
    if (ours?.digest !== after.digest) return { kind: 'gap', reason: 'fork', to: this.#head };
    return { kind: 'messages', messages: this.#slice(from, from + limit) };
  }

  /** See `Broker.page`. */
  page(before: number | null, limit: number): Page {
    const end = Math.max(0, Math.min(this.#kept.length, (before ?? Number.POSITIVE_INFINITY) - 1 - this.#floor.offset));
    const start = Math.max(0, end - Math.max(0, limit));
    return { messages: this.#slice(start, end), more: start > 0 };
  }

  #slice(start: number, end: number): StoredMessage[] {
    const messages: StoredMessage[] = [];
    for (let i = start; i < Math.min(end, this.#kept.length); i++) {
      const kept = this.#kept.at(i);
      if (kept !== undefined) messages.push(kept.message);
    }
    return messages;
  }

  #dropOldest(): void {
    const oldest = this.#kept.shift();
    if (oldest !== undefined) this.#floor = oldest.message.position;
  }
}
