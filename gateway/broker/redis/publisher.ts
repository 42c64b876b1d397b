import type { NewMessage, Stored } from '../broker.ts';
import { type Caller, CallFailed } from './caller.ts';
import { encodeText, positionOf, restOf } from './entry.ts';
import type { Keys } from './keys.ts';
import { type Batch, type Lane, reject, takeBatches, type Waiting } from './lanes.ts';
import { type Replication, Unconfirmed } from './replication.ts';
import { SCRIPTS } from './scripts.ts';

/** What a publisher needs. Times are ms. */
export interface PublisherDeps {
  readonly caller: Caller;
  /** Whether a script may store in several channels: not where each may lie on another node. */
  readonly isShared: boolean;
  /** Null: a message that the primary has is acknowledged. */
  readonly replication: Replication | null;
  /** What every script of a channel is given first. */
  readonly channelArg: () => string;
  readonly timeoutMs: number;
  readonly maxWaiting: number;
  readonly maxWaitingBytes: number;
  /** Monotonic. */
  readonly now: () => number;
  readonly waiting: (count: number) => void;
}

const SWEEP_MS = 100;

/**
 * Publishes in the order of the calls. What comes in one turn of the event loop goes in one script, also for several channels where one node has them all;
 * what comes for a channel while a script of it is under way goes with its next. A failed script is run again with the same ids until the messages' time
 * is over, in the same order. What waits is bounded.
 */
export class Publisher {
  readonly #deps: PublisherDeps;
  readonly #lanes = new Map<string, Lane>();
  /** Those whose messages go at the end of the turn. */
  #ready: Lane[] = [];
  #count = 0;
  #bytes = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(deps: PublisherDeps) {
    this.#deps = deps;
  }

  /** Stores a message. Rejects with BrokerUnavailable when it can't in time: it may be stored or not then, and may be given again with the same id. */
  publish(keys: Keys, message: NewMessage): Promise<Stored> {
    const { caller, now, timeoutMs, maxWaiting, maxWaitingBytes } = this.#deps;
    const id = encodeText(message.id);
    const rest = restOf(message);
    const bytes = id.length + rest.length;
    if (caller.isClosed) return Promise.reject(caller.unavailable(''));
    if (this.#count >= maxWaiting || this.#bytes + bytes > maxWaitingBytes) {
      return Promise.reject(caller.unavailable(`${this.#count} messages wait for Redis; no more are taken until it answers.`));
    }
    this.#keep(1, bytes);
    return new Promise((resolve, reject) => {
      const settle = () => this.#keep(-1, -bytes);
      this.#add(keys, {
        id,
        rest,
        deadline: now() + timeoutMs,
        settled: false,
        resolve: (stored) => {
          settle();
          resolve(stored);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
    });
  }

  /** Rejects all that waits. */
  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    for (const { underWay, waiting } of this.#lanes.values()) {
      for (const one of [...underWay, ...waiting]) reject(one, this.#deps.caller.unavailable(''));
    }
  }

  #add(keys: Keys, one: Waiting): void {
    const lane = this.#lanes.get(keys.channel);
    if (lane !== undefined) {
      lane.waiting.push(one);
      return;
    }
    const fresh: Lane = { keys, waiting: [one], underWay: [], trouble: null, attempt: 0 };
    this.#lanes.set(keys.channel, fresh);
    this.#goOn(fresh);
  }

  /** Gives the channel's next messages at the end of the turn, or forgets it when it has none. */
  #goOn(lane: Lane): void {
    if (lane.waiting.length === 0) {
      this.#lanes.delete(lane.keys.channel);
      return;
    }
    if (this.#ready.length === 0) setImmediate(() => this.#giveAll());
    this.#ready.push(lane);
  }

  #giveAll(): void {
    const ready = this.#ready;
    this.#ready = [];
    for (const batches of takeBatches(ready, this.#deps.isShared)) void this.#give(batches);
    // All of theirs may have been answered, or their time be over.
    for (const lane of ready) if (lane.underWay.length === 0) this.#goOn(lane);
  }

  /** Stores what one script may; each channel goes on by itself then. */
  async #give(batches: readonly Batch[]): Promise<void> {
    try {
      await this.#store(batches);
    } catch (error) {
      const isForGood = !(error instanceof CallFailed) || !error.failure.retry;
      // One channel's fault is not the others': what is stored already is known by its id.
      if (isForGood && batches.length > 1) for (const batch of batches) void this.#give([batch]);
      else for (const batch of batches) void this.#failed(batch, error);
      return;
    }
    for (const { lane } of batches) {
      lane.underWay = [];
      lane.trouble = null;
      lane.attempt = 0;
      this.#goOn(lane);
    }
  }

  async #failed({ lane, messages }: Batch, error: unknown): Promise<void> {
    const { caller, now } = this.#deps;
    lane.underWay = [];
    if (!(error instanceof CallFailed) || !error.failure.retry || error instanceof Unconfirmed) {
      const told = error instanceof CallFailed && error.failure.retry ? caller.unavailable(error.message) : asError(error);
      for (const one of messages) reject(one, told);
    } else {
      lane.trouble = error.message;
      lane.waiting.unshift(...messages);
      await caller.rest(lane.keys.channel, lane.attempt++, lane.waiting.at(-1)?.deadline ?? 0);
      for (const one of messages) if (one.deadline <= now()) reject(one, caller.unavailable(error.message));
    }
    this.#goOn(lane);
  }

  async #store(batches: readonly Batch[]): Promise<void> {
    const { caller, replication, channelArg } = this.#deps;
    const args: (string | number)[] = [channelArg()];
    for (const { messages } of batches) {
      args.push(messages.length);
      for (const { id, rest } of messages) args.push(id, rest);
    }
    const [first = '', ...others] = batches.map(({ lane }) => lane.keys.channel);
    const answer = await caller.once({ script: SCRIPTS.publish, keys: [first, ...others], args, listenKey: first });
    if (replication !== null) await replication.confirm(answer);
    const replies = (answer.values[0] as string).split('\n');
    for (const [i, { messages }] of batches.entries()) resolveAll(messages, replies[i] ?? '');
  }

  /** Nobody waits longer than was promised, also for a script that is under way. */
  #sweep(): void {
    const now = this.#deps.now();
    for (const { underWay, waiting, trouble } of this.#lanes.values()) {
      for (const one of [...underWay, ...waiting]) {
        if (one.deadline > now) break;
        reject(one, this.#deps.caller.unavailable(trouble ?? 'Redis did not answer in time; the message may be stored or not.'));
      }
    }
  }

  #keep(count: number, bytes: number): void {
    this.#count += count;
    this.#bytes += bytes;
    this.#deps.waiting(this.#count);
    if (this.#count === 0 && this.#timer !== null) {
      clearInterval(this.#timer);
      this.#timer = null;
    } else if (this.#count > 0 && this.#timer === null) {
      this.#timer = setInterval(() => this.#sweep(), SWEEP_MS);
      this.#timer.unref();
    }
  }
}

/** `reply`: a channel's epoch, then of each message the offset, the digest and whether it was known. */
function resolveAll(messages: readonly Waiting[], reply: string): void {
  const [epoch = '', ...stored] = reply.split(' ');
  for (const [i, one] of messages.entries()) {
    const [offset, digest = '', known] = stored.slice(3 * i, 3 * i + 3);
    if (one.settled) continue;
    one.settled = true;
    one.resolve({ position: positionOf(epoch, Number(offset), digest), duplicate: known === '1' });
  }
}

const asError = (error: unknown): Error => (error instanceof CallFailed ? new Error(error.message) : (error as Error));
