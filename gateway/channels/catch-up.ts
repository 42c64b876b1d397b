import { type Position, samePosition } from '../../protocol/position.ts';
import type { ReadResult, StoredMessage } from '../broker/broker.ts';
import { frameText } from '../connection/frames.ts';
import { Batch } from './batch.ts';
import { type HubContext, logFailure, pause } from './context.ts';
import { messageText } from './encode.ts';
import { readFirst, type Standing, verdict } from './standing.ts';
import type { Subscription } from './subscription.ts';

/** What a CatchUp needs of its channel. */
export interface CatchUpView {
  readonly name: string;
  readonly waiting: ReadonlySet<Subscription>;
  /** The newest position known here. */
  readonly head: Position;
  standing(position: Position): Standing;
  /** The position right before the oldest message that the tail has. */
  readonly base: Position;
  /** The tail gets what was read: the messages right after `from`, up to its base. */
  prepend(from: Position, positions: readonly Position[], frames: readonly Buffer[]): void;
  /** Makes live those whose position the tail reaches by now. */
  place(): void;
  /** Reads on from the head: the broker knows of more than this gateway was told. */
  fill(): void;
  /** Says what is so far known of the stream; `subscribed` is told once. */
  tell(subscription: Subscription, recovered: boolean, from: Position, to: Position): void;
  /** Gives up on it, to be tried again by the client. */
  fail(subscription: Subscription): void;
}

/** How long those wait that can't go on now: a full queue, or a gateway that is behind the broker. */
const RETRY_MS = 50;
/** A position that stays ahead of this gateway after so many reads is given back to the client to try again. */
const MAX_AHEAD_READS = 40;

/**
 * Brings waiting subscriptions of one channel up to its tail by reading the broker, one read at a time for all of them: each read
 * starts at the oldest position wanted and serves everyone whose position lies in what it answers. What comes live meanwhile
 * needs no holding back: it is in the tail, where they join; when the tail has moved on by then, they read on.
 */
export class CatchUp {
  readonly #view: CatchUpView;
  readonly #context: HubContext;
  #running = false;

  constructor(view: CatchUpView, context: HubContext) {
    this.#view = view;
    this.#context = context;
  }

  /** Starts to read, unless it does already. Ends when nobody waits for a read any more. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    void this.#run().finally(() => {
      this.#running = false;
    });
  }

  async #run(): Promise<void> {
    const { signal } = this.#context;
    while (!signal.aborted) {
      const ready = [...this.#view.waiting].filter((subscription) => this.#needsRead(subscription));
      const from = readFirst(positionsOf(ready), this.#view.head.epoch);
      if (from === null) {
        this.#view.place();
        // Who waits still, waits for its queue to become shorter.
        if (this.#view.waiting.size === 0) return;
        await pause(RETRY_MS, signal);
        continue;
      }
      const result = await this.#read(from);
      if (signal.aborted) return;
      if (result === null) {
        for (const subscription of ready) this.#view.fail(subscription);
        continue;
      }
      const behind = this.#settle(from, result);
      this.#view.place();
      if (behind) {
        this.#view.fill();
        await pause(RETRY_MS, signal);
      }
    }
  }

  #needsRead({ waiting, outlet }: Subscription): boolean {
    if (waiting === null || waiting.position === null || outlet.congested) return false;
    const where = this.#view.standing(waiting.position);
    return where === 'read' || where === 'ahead';
  }

  async #read(from: Position): Promise<ReadResult | null> {
    this.#context.counters.historyReads++;
    try {
      return await this.#context.broker.read(this.#view.name, from, this.#context.pageMessages);
    } catch (error) {
      logFailure(this.#context, this.#view.name, error, 'the history could not be read for a resume');
      return null;
    }
  }

  /** Serves all whom the answer concerns. True when it shows that this gateway is behind the broker. */
  #settle(from: Position, result: ReadResult): boolean {
    const pages = new Pages(this.#view.name, result);
    let behind = false;
    let forked = false;
    for (const subscription of this.#view.waiting) {
      const { waiting } = subscription;
      if (waiting === null || waiting.position === null || !this.#needsRead(subscription)) continue;
      const answer = verdict(waiting.position, from, result, this.#view.head);
      if (answer.kind === 'gap') {
        forked ||= answer.fork;
        this.#view.tell(subscription, false, waiting.position, answer.to);
        waiting.position = answer.to;
      } else if (answer.kind === 'messages' && (pages.last === null || this.#view.standing(waiting.position) === 'ahead')) {
        // It is on the line, and this gateway has been told of less (or of another line): it joins when that is put right.
        behind = true;
        if (++waiting.aheadReads > MAX_AHEAD_READS) this.#view.fail(subscription);
      } else if (answer.kind === 'messages' && pages.last !== null) {
        this.#view.tell(subscription, true, waiting.position, waiting.position);
        this.#deliver(subscription, pages.from(answer.index));
        waiting.position = pages.last;
      }
    }
    if (forked) this.#context.counters.forks++;
    this.#keep(from, pages);
    return behind;
  }

  /** Who comes back a moment later wants the same messages: they are kept when they lead up to the tail. */
  #keep(from: Position, pages: Pages): void {
    const { base } = this.#view;
    const positions = pages.positionsTo(base);
    if (positions.length > 0) this.#view.prepend(from, positions, pages.frames.slice(0, positions.length));
  }

  #deliver(subscription: Subscription, batch: Batch): void {
    if (batch.frames.length === 0) return;
    subscription.outlet.deliver(batch, true);
    this.#context.counters.delivered += batch.frames.length;
  }
}

function* positionsOf(subscriptions: readonly Subscription[]): Iterable<Position> {
  for (const { waiting } of subscriptions) if (waiting?.position) yield waiting.position;
}

/** The messages of a read, each encoded once, however many want them from whichever index. */
class Pages {
  readonly #messages: readonly StoredMessage[];
  readonly #channel: string;
  readonly #batches = new Map<number, Batch>();
  #frames: Buffer[] | null = null;

  constructor(channel: string, result: ReadResult) {
    this.#channel = channel;
    this.#messages = result.kind === 'messages' ? result.messages : [];
  }

  get last(): Position | null {
    return this.#messages.at(-1)?.position ?? null;
  }

  get frames(): readonly Buffer[] {
    this.#frames ??= this.#messages.map((message) => frameText(messageText(this.#channel, message), Buffer.allocUnsafeSlow));
    return this.#frames;
  }

  /** The positions of the messages up to and with this one; none when it is not among them. */
  positionsTo(position: Position): Position[] {
    const index = position.offset - (this.#messages[0]?.position.offset ?? 0);
    const at = this.#messages[index]?.position;
    if (at === undefined || !samePosition(at, position)) return [];
    return this.#messages.slice(0, index + 1).map((message) => message.position);
  }

  from(index: number): Batch {
    let batch = this.#batches.get(index);
    if (batch === undefined) {
      batch = new Batch(this.frames.slice(index));
      this.#batches.set(index, batch);
    }
    return batch;
  }
}
