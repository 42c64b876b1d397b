import type { Member } from '../../protocol/messages.ts';
import { type Position, samePosition } from '../../protocol/position.ts';
import type { ChannelListener, EphemeralEvent, StoredMessage } from '../broker/broker.ts';
import { frameText } from '../connection/frames.ts';
import { Audience } from './audience.ts';
import { Batch } from './batch.ts';
import { CatchUp, type CatchUpView } from './catch-up.ts';
import { type HubContext, logFailure } from './context.ts';
import { eventText, gapText, messageText, presenceChangeText } from './encode.ts';
import { type FillView, fillHole } from './fill.ts';
import type { Flushable } from './flusher.ts';
import { follows, HeldMessages } from './held-messages.ts';
import { type Standing, standing } from './standing.ts';
import type { Subscription } from './subscription.ts';
import { Tail } from './tail.ts';

/**
 * - opening: the broker is asked for live delivery. What comes is held, who comes waits.
 * - live: all up to `head` is with the audience. A message that follows the head is delivered.
 * - filling: a message came that doesn't follow the head, or the head was found to differ from the broker's. The history is read
 *   from the head on; what comes live is held, and joined to it when it follows. What can't be had is told as a gap.
 * - closing: nobody has been here for a while, live delivery is being ended. Who comes now waits until it is opened again.
 * - ended: forgotten by the hub.
 *
 * opening → live | ended;  live → filling | closing;  filling → live | closing;  closing → opening | ended;  any → ended with the hub
 */
type State = 'opening' | 'live' | 'filling' | 'closing' | 'ended';

/** One channel that clients of this gateway are subscribed to: one subscription of the broker, however many they are. */
export class Channel implements ChannelListener, CatchUpView, FillView, Flushable {
  readonly name: string;
  notBefore = 0;
  /** Those who have not caught up. */
  readonly waiting = new Set<Subscription>();
  readonly #context: HubContext;
  readonly #ended: (channel: Channel) => void;
  readonly #audience: Audience;
  readonly #held = new HeldMessages();
  #state: State = 'opening';
  #tail: Tail | null = null;
  #head: Position | null = null;
  #catchUp: CatchUp | null = null;
  #dirty = false;
  /** Counts the openings, so that what began in an earlier one can tell. */
  #opening = 0;
  /** When a message came last or the head was last compared, and since when nobody is here; monotonic, ms. */
  #checkedAt: number;
  #emptySince: number;

  constructor(name: string, context: HubContext, ended: (channel: Channel) => void) {
    this.name = name;
    this.#context = context;
    this.#ended = ended;
    this.#audience = new Audience(context);
    this.#checkedAt = context.now();
    this.#emptySince = this.#checkedAt;
  }

  get head(): Position {
    return required(this.#head);
  }

  get writes(): number {
    return this.#audience.size;
  }

  get subscriptions(): number {
    return this.#audience.size + this.waiting.size;
  }

  /** Monotonic, ms; meaningful while there are no subscriptions. */
  get emptySince(): number {
    return this.#emptySince;
  }

  /** Asks the broker for live delivery. */
  async open(): Promise<void> {
    this.#state = 'opening';
    this.#opening++;
    try {
      const head = await this.#context.broker.subscribe(this.name, this);
      if (this.#state === 'opening') this.#startAt(head);
    } catch (error) {
      logFailure(this.#context, this.name, error, 'the channel could not be opened');
      if (this.#state !== 'opening') return;
      this.#end();
      for (const subscription of this.waiting) this.fail(subscription);
    }
  }

  /** Ends live delivery, unless somebody is here again. */
  async close(): Promise<void> {
    if (this.subscriptions > 0 || !this.#isDelivering()) return;
    this.#state = 'closing';
    this.#letGo();
    try {
      await this.#context.broker.unsubscribe(this.name);
    } catch (error) {
      logFailure(this.#context, this.name, error, 'the channel could not be closed at the broker');
    }
    if (this.#state !== 'closing') return;
    if (this.waiting.size > 0) await this.open();
    else this.#end();
  }

  /** Lets go of everything at once: the hub closes. */
  abandon(): void {
    this.#letGo();
    this.#end();
  }

  add(subscription: Subscription): void {
    this.waiting.add(subscription);
    if (!this.#isDelivering()) return;
    startFresh(subscription, this.head);
    this.#markDirty();
  }

  remove(subscription: Subscription): void {
    if (subscription.index >= 0) this.#audience.remove(subscription);
    else if (!this.waiting.delete(subscription)) return;
    if (this.subscriptions === 0) this.#emptySince = this.#context.now();
  }

  message(message: StoredMessage): void {
    if (this.#state === 'live') {
      if (follows(this.head, message)) {
        this.accept(message);
      } else if (!this.#isKnown(message)) {
        this.#held.add(message);
        this.fill();
      } else if (message.position.offset < this.head.offset && this.#tail?.at(message.position.offset) === null) {
        // A repeat, or a broker that lost more than the tail remembers: only the broker knows.
        void this.checkHead();
      }
    } else if (this.#state === 'opening' || this.#state === 'filling') {
      this.#held.add(message);
    }
  }

  event(event: EphemeralEvent): void {
    if (this.#audience.size === 0) return;
    this.#audience.push(frameText(eventText(this.name, event)));
    this.#markDirty();
  }

  presence(change: { readonly kind: 'join' | 'leave'; readonly member: Member; readonly version: string }): void {
    if (this.#audience.size === 0) return;
    this.#audience.pushPresence(frameText(presenceChangeText(this.name, change.kind, change.member, change.version)));
    this.#markDirty();
  }

  /** Somebody listens, and the head was not compared since `before` (monotonic, ms), nor did a message come. */
  needsHeadCheck(before: number): boolean {
    return this.#state === 'live' && this.#audience.size > 0 && this.#checkedAt < before;
  }

  /** Compares the head with the broker's: a lost notification, or a lost tail, shows on a quiet channel too. */
  async checkHead(): Promise<void> {
    const ours = this.head;
    const before = this.#checkedAt;
    const began = this.#context.now();
    this.#checkedAt = began;
    try {
      const theirs = await this.#context.broker.head(this.name);
      if (this.#head === ours && !samePosition(theirs, ours)) this.fill();
    } catch (error) {
      // It is as due as it was.
      if (this.#checkedAt === began) this.#checkedAt = before;
      logFailure(this.#context, this.name, error, 'the head could not be compared');
    }
  }

  flush(alone: boolean): void {
    this.#dirty = false;
    this.#audience.flush(alone);
    if (this.waiting.size > 0) this.place();
  }

  // What follows is what a CatchUp asks of its channel.

  standing(position: Position): Standing {
    return standing(position, this.head, required(this.#tail));
  }

  get base(): Position {
    return required(this.#tail).base;
  }

  prepend(from: Position, positions: readonly Position[], frames: readonly Buffer[]): void {
    required(this.#tail).prepend(from, positions, frames);
  }

  place(): void {
    if (!this.#isDelivering()) return;
    // Those who become live take what is pending from the tail: the others must have it by then, and these must not get it again.
    this.#audience.flush(true);
    const batches = new Map<number, Batch>();
    let forked = false;
    for (const subscription of this.waiting) {
      const position = required(required(subscription.waiting).position);
      const where = this.standing(position);
      if (where === 'read' || where === 'ahead' || subscription.outlet.congested) {
        this.#catchUp ??= new CatchUp(this, this.#context);
        this.#catchUp.start();
      } else {
        forked ||= where === 'fork';
        this.#join(subscription, position, where, batches);
      }
    }
    if (forked) this.#context.counters.forks++;
  }

  tell(subscription: Subscription, recovered: boolean, from: Position, to: Position): void {
    const waiting = required(subscription.waiting);
    // Who gave no position has missed nothing: it starts a little later.
    const complete = recovered || (waiting.fresh && !waiting.told);
    if (!waiting.told) {
      waiting.told = true;
      if (!waiting.fresh) {
        if (complete) this.#context.counters.recovered++;
        else this.#context.counters.resumeGaps++;
      }
      subscription.subscriber.subscribed(subscription, to, complete);
    }
    if (complete) return;
    this.#context.counters.gaps++;
    subscription.subscriber.gap(subscription, from, to);
  }

  fail(subscription: Subscription): void {
    this.remove(subscription);
    subscription.subscriber.failed(subscription);
  }

  fill(): void {
    if (this.#state !== 'live') return;
    this.#state = 'filling';
    void this.#fill(this.#opening);
  }

  // What follows is what a filling asks of its channel.

  accept(message: StoredMessage): void {
    const frame = frameText(messageText(this.name, message), Buffer.allocUnsafeSlow);
    required(this.#tail).push(message.position, frame);
    this.#head = message.position;
    this.#audience.pushMessage(frame, message.time);
    this.#checkedAt = this.#context.now();
    this.#markDirty();
  }

  skip(from: Position, to: Position): void {
    // It was told of before the broker said this: what of it still exists is read.
    this.#held.clear();
    this.#context.counters.gaps += this.#audience.size;
    this.#audience.push(frameText(gapText(this.name, from, to)));
    this.#head = to;
    this.#tail?.reset(to);
    this.#markDirty();
  }

  /** Takes in what was held and follows. True when nothing that is held is new any more. */
  joinHeld(): boolean {
    const held = this.#held.take();
    for (const [index, message] of held.entries()) {
      if (follows(this.head, message)) this.accept(message);
      else if (!this.#isKnown(message)) {
        // Only what is still to come: what was taken in may be lost later, and must not be taken in again.
        this.#held.put(held.slice(index));
        return false;
      }
    }
    return true;
  }

  async #fill(opening: number): Promise<void> {
    const isCurrent = () => this.#state === 'filling' && this.#opening === opening;
    await fillHole(this, this.#context, isCurrent);
    if (!isCurrent()) return;
    this.#held.clear();
    this.#state = 'live';
    this.#checkedAt = this.#context.now();
    if (this.waiting.size > 0) this.#markDirty();
  }

  #startAt(head: Position): void {
    this.#head = head;
    this.#tail = new Tail(head, this.#context.tail, this.#context.budget);
    this.#state = 'live';
    this.#checkedAt = this.#context.now();
    for (const subscription of this.waiting) startFresh(subscription, head);
    if (!this.joinHeld()) this.fill();
    this.#markDirty();
  }

  /** It is at or before the head, and not known to lie on another line. */
  #isKnown({ position }: StoredMessage): boolean {
    if (position.epoch !== this.head.epoch || position.offset > this.head.offset) return false;
    const ours = this.#tail?.at(position.offset) ?? null;
    return ours === null || ours.digest === position.digest;
  }

  #join(subscription: Subscription, position: Position, where: 'join' | 'fork', batches: Map<number, Batch>): void {
    this.tell(subscription, where === 'join', position, where === 'join' ? position : this.head);
    if (where === 'join' && position.offset < this.head.offset) {
      let batch = batches.get(position.offset);
      if (batch === undefined) {
        batch = new Batch(required(this.#tail).after(position.offset));
        batches.set(position.offset, batch);
      }
      subscription.outlet.deliver(batch, true);
      this.#context.counters.delivered += batch.frames.length;
    }
    this.waiting.delete(subscription);
    subscription.waiting = null;
    this.#audience.add(subscription);
    subscription.subscriber.live(subscription);
  }

  #isDelivering(): boolean {
    return this.#state === 'live' || this.#state === 'filling';
  }

  #markDirty(): void {
    if (this.#dirty) return;
    this.#dirty = true;
    this.#context.flusher.channel(this);
  }

  #letGo(): void {
    if (this.#head !== null) this.#tail?.reset(this.#head);
    this.#held.clear();
  }

  #end(): void {
    this.#state = 'ended';
    this.#ended(this);
  }
}

/** Who subscribed without a position starts here, and gets what comes before it is live too: also what it published itself right away. */
function startFresh({ waiting }: Subscription, head: Position): void {
  if (waiting !== null) waiting.position ??= head;
}

function required<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('The channel is not in a state in which this can happen.');
  return value;
}
