import type { Published } from '../protocol/messages.ts';
import type { Position } from '../protocol/position.ts';
import { type Deferred, deferred } from './deferred.ts';
import { ChatError } from './errors.ts';

/** What a publish resolves to: where the message is stored. */
export interface PublishResult {
  readonly id: string;
  readonly position: Position;
  /** It had been stored already, by an earlier try with the same id. */
  readonly duplicate: boolean;
}

export interface OutboxLimits {
  /** Messages that wait for their acknowledgement. */
  readonly maxMessages: number;
  /** Their bytes together. */
  readonly maxBytes: number;
  /** Messages of one channel that may be sent before the first of them is acknowledged. */
  readonly window: number;
  /** How long after its first sending a message may be sent again, ms: within the time the servers remember ids. */
  readonly resendMs: number;
}

interface Entry {
  readonly id: string;
  /** The publish message as it goes over the wire. */
  readonly text: string;
  readonly bytes: number;
  readonly result: Deferred<PublishResult>;
  /** Wall clock, ms; null before it was sent for the first time. */
  sentAt: number | null;
}

/** The messages of one channel in the order of their publishing. The first `sent` of them are under way. */
interface Queue {
  readonly entries: Entry[];
  sent: number;
}

/**
 * Published messages until each is acknowledged. It touches no socket and no timer: whoever has a link takes from it what may be sent now.
 *
 * A channel's messages are sent in the order of publishing and again in that order: whatever is sent anew starts from the oldest that is not
 * acknowledged. Sending twice can't reorder them, since of each message only the first copy to arrive is stored, and each copy of a row
 * comes in order.
 */
export class Outbox {
  readonly #limits: OutboxLimits;
  readonly #queues = new Map<string, Queue>();
  readonly #channelOf = new Map<string, string>();
  #bytes = 0;

  constructor(limits: OutboxLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#channelOf.size;
  }

  /** Queues a message; rejects at once with `outbox-full`. `data` is JSON text. */
  add(channel: string, id: string, data: string): Promise<PublishResult> {
    const text = `{"type":"publish","channel":${JSON.stringify(channel)},"id":${JSON.stringify(id)},"data":${data}}`;
    const bytes = byteLength(text);
    const { maxMessages, maxBytes } = this.#limits;
    if (this.size >= maxMessages || this.#bytes + bytes > maxBytes) {
      const held = `${this.size} messages of ${this.#bytes} bytes wait to be acknowledged`;
      return Promise.reject(
        new ChatError('outbox-full', `${held}, of at most ${maxMessages} and ${maxBytes}: publish again when some have been.`),
      );
    }
    if (this.#channelOf.has(id)) {
      return Promise.reject(
        new ChatError('bad-data', `A message with the id ${JSON.stringify(id)} is being published: give each its own.`),
      );
    }
    const queue = this.#queues.get(channel) ?? { entries: [], sent: 0 };
    this.#queues.set(channel, queue);
    const entry: Entry = { id, text, bytes, result: deferred(), sentAt: null };
    queue.entries.push(entry);
    this.#channelOf.set(id, channel);
    this.#bytes += bytes;
    return entry.result.promise;
  }

  /** The messages to send now, in order; they count as under way. `maxBytes`: a larger one is rejected, since a gateway would close for it. */
  take(wallClock: number, maxBytes: number): string[] {
    const texts: string[] = [];
    for (const [channel, queue] of this.#queues) {
      while (queue.sent < queue.entries.length && queue.sent < this.#limits.window) {
        const entry = queue.entries[queue.sent] as Entry;
        if (entry.bytes > maxBytes) {
          this.#remove(channel, queue, entry).reject(tooBig(entry.bytes, maxBytes));
        } else if (entry.sentAt !== null && wallClock - entry.sentAt > this.#limits.resendMs) {
          this.#remove(channel, queue, entry).reject(outcomeUnknown());
        } else {
          entry.sentAt ??= wallClock;
          queue.sent++;
          texts.push(entry.text);
        }
      }
    }
    return texts;
  }

  has(id: string): boolean {
    return this.#channelOf.has(id);
  }

  /** Ids of the messages that are under way. */
  underWay(): string[] {
    return [...this.#queues.values()].flatMap(({ entries, sent }) => entries.slice(0, sent).map(({ id }) => id));
  }

  acknowledge({ id, position, duplicate }: Published): void {
    this.#settle(id)?.resolve({ id, position, duplicate: duplicate === true });
  }

  /** It will never be stored. */
  fail(id: string, error: ChatError): void {
    this.#settle(id)?.reject(error);
  }

  /** It was refused for now: it goes again, and with it all that were sent after it to its channel. */
  refuse(id: string): void {
    const queue = this.#queues.get(this.#channelOf.get(id) ?? '');
    const index = queue?.entries.findIndex((entry) => entry.id === id) ?? -1;
    if (queue !== undefined && index >= 0) queue.sent = Math.min(queue.sent, index);
  }

  /** The link is another one: all that is not acknowledged goes again. */
  rewind(): void {
    for (const queue of this.#queues.values()) queue.sent = 0;
  }

  /** Rejects all. */
  clear(error: ChatError): void {
    for (const id of [...this.#channelOf.keys()]) this.fail(id, error);
  }

  #settle(id: string): Deferred<PublishResult> | null {
    const channel = this.#channelOf.get(id);
    const queue = channel === undefined ? undefined : this.#queues.get(channel);
    const entry = queue?.entries.find((other) => other.id === id);
    return channel === undefined || queue === undefined || entry === undefined ? null : this.#remove(channel, queue, entry);
  }

  #remove(channel: string, queue: Queue, entry: Entry): Deferred<PublishResult> {
    const index = queue.entries.indexOf(entry);
    queue.entries.splice(index, 1);
    if (index < queue.sent) queue.sent--;
    if (queue.entries.length === 0) this.#queues.delete(channel);
    this.#channelOf.delete(entry.id);
    this.#bytes -= entry.bytes;
    return entry.result;
  }
}

const encoder = new TextEncoder();
const byteLength = (text: string) => encoder.encode(text).length;

const tooBig = (bytes: number, maxBytes: number) =>
  new ChatError('too-big', `The message has ${bytes} bytes, the gateway takes ${maxBytes}: send a reference to large data instead.`);

const outcomeUnknown = () =>
  new ChatError(
    'outcome-unknown',
    'The message was sent and its acknowledgement lost; it is too late to send it again. Look for it in the history.',
  );
