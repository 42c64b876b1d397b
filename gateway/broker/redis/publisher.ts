import type { NewMessage, Stored } from '../broker.ts';
import { type Caller, CallFailed } from './caller.ts';
import { encodeText, positionOf, restOf } from './entry.ts';
import type { Keys } from './keys.ts';
import { type Replication, Unconfirmed } from './replication.ts';
import { SCRIPTS } from './scripts.ts';

/** What a publisher needs. Times are ms. */
export interface PublisherDeps {
  readonly caller: Caller;
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

interface Waiting {
  readonly id: string;
  readonly rest: string;
  readonly deadline: number;
  readonly resolve: (stored: Stored) => void;
  readonly reject: (error: Error) => void;
  /** Answered, or its time is over. */
  settled: boolean;
}

/** One channel's publishes: what was called first is stored first, so one script is under way at a time. */
interface Lane {
  readonly keys: Keys;
  waiting: Waiting[];
  underWay: readonly Waiting[];
  /** Why the last script failed; null when it did not. */
  trouble: string | null;
}

/** Messages that one script stores at most, and characters: a script blocks the server. */
const BATCH = { messages: 64, characters: 262_144 } as const;
const SWEEP_MS = 100;

/**
 * Publishes in the order of the calls. What comes for a channel while a script of it is under way is stored by the next one, all at once.
 * A failed script is run again with the same ids until the messages' time is over, in the same order. What waits is bounded.
 */
export class Publisher {
  readonly #deps: PublisherDeps;
  readonly #lanes = new Map<string, Lane>();
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
    const fresh: Lane = { keys, waiting: [one], underWay: [], trouble: null };
    this.#lanes.set(keys.channel, fresh);
    // Those that are called for in the same turn go in one script.
    queueMicrotask(() => void this.#drive(fresh));
  }

  async #drive(lane: Lane): Promise<void> {
    const { caller } = this.#deps;
    for (let attempt = 0; lane.waiting.length > 0; ) {
      const batch = take(lane);
      if (batch.length === 0) continue;
      lane.underWay = batch;
      try {
        await this.#store(lane.keys, batch);
        lane.trouble = null;
        attempt = 0;
      } catch (error) {
        if (!(error instanceof CallFailed) || !error.failure.retry || error instanceof Unconfirmed) {
          for (const one of batch)
            reject(one, error instanceof CallFailed && error.failure.retry ? caller.unavailable(error.message) : asError(error));
          continue;
        }
        lane.trouble = error.message;
        lane.underWay = [];
        lane.waiting.unshift(...batch);
        const last = lane.waiting.at(-1);
        await caller.rest(lane.keys.channel, attempt++, last?.deadline ?? 0);
        for (const one of batch) if (one.deadline <= this.#deps.now()) reject(one, caller.unavailable(error.message));
      }
    }
    this.#lanes.delete(lane.keys.channel);
  }

  async #store({ channel }: Keys, batch: readonly Waiting[]): Promise<void> {
    const { caller, replication, channelArg } = this.#deps;
    const args = [channelArg(), ...batch.flatMap(({ id, rest }) => [id, rest])];
    const answer = await caller.once({ script: SCRIPTS.publish, key: channel, args, listenKey: channel });
    if (replication !== null) await replication.confirm(answer);
    const [epoch = '', ...stored] = (answer.values[0] as string).split(' ');
    for (const [i, one] of batch.entries()) {
      const [offset, digest = '', known] = stored.slice(3 * i, 3 * i + 3);
      if (one.settled) continue;
      one.settled = true;
      one.resolve({ position: positionOf(epoch, Number(offset), digest), duplicate: known === '1' });
    }
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

/** The first that still wait, as many as one script may store. */
function take(lane: Lane): Waiting[] {
  const batch: Waiting[] = [];
  let characters = 0;
  let taken = 0;
  for (const one of lane.waiting) {
    if (batch.length > 0 && (batch.length >= BATCH.messages || characters + one.rest.length > BATCH.characters)) break;
    taken++;
    if (one.settled) continue;
    batch.push(one);
    characters += one.rest.length;
  }
  lane.waiting = lane.waiting.slice(taken);
  return batch;
}

function reject(one: Waiting, error: Error): void {
  if (one.settled) return;
  one.settled = true;
  one.reject(error);
}

const asError = (error: unknown): Error => (error instanceof CallFailed ? new Error(error.message) : (error as Error));
