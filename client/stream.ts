import type { Gap, Message, Subscribed } from '../protocol/messages.ts';
import { type Position, samePosition } from '../protocol/position.ts';

/**
 * What to do with what came on a stream:
 * - `take`: it is the next thing, for the application and for the channel's position.
 * - `drop`: it was seen already, or belongs to a stream that has been asked for anew.
 * - `ask-again`: it doesn't follow on our position. Subscribe anew on this link from there; the gateway then says what holds.
 */
export type Verdict = 'take' | 'drop' | 'ask-again';

/**
 * One channel's stream on one link: a cursor that moves along what this link delivers. Several links may serve a channel at a time (a
 * migration); the channel's own position is what the application has seen. The one rule that keeps each message once and in order:
 * **a link extends the position only if its cursor stands exactly there** (same epoch, offset and digest). A link that is behind catches up
 * in silence; one that is anywhere else is asked again, from our position. So nothing is ever guessed.
 *
 * asked: a subscribe was sent. What comes belongs to an earlier stream, and is dropped. → live, by `subscribed`; → refused, by an error.
 *   When several are under way, the answer to any of them will do: each says truly where the stream starts.
 * live: what comes follows the cursor. → asked, when it is asked for again; → left, by `unsubscribed`.
 * refused, left: nothing comes. → asked.
 */
export class Stream {
  #state: 'asked' | 'live' | 'refused' | 'left' = 'asked';
  /** Subscribes that are not answered. */
  #unanswered = 1;
  /** Null before the stream has started; and between a `subscribed` that did not recover and the gap that follows it. */
  #cursor: Position | null = null;

  get state(): 'asked' | 'live' | 'refused' | 'left' {
    return this.#state;
  }

  /** Another subscribe was sent. */
  asked(): void {
    this.#state = 'asked';
    this.#unanswered++;
  }

  /** An unsubscribe was sent. */
  left(): void {
    this.#state = 'left';
  }

  /** An unsubscribe was answered: unless the channel was asked for since, nothing comes any more. */
  unsubscribed(): void {
    if (this.#state === 'live') this.#state = 'left';
  }

  /**
   * An error came that names the channel and nothing else. `ends`: its code is one that ends a stream which is live.
   * - `refused`: nothing comes until it is asked for again.
   * - `superseded`: it answers a subscribe that a later one has replaced.
   * - `foreign`: it is about something else.
   */
  error(ends: boolean): 'refused' | 'superseded' | 'foreign' {
    if (this.#unanswered === 0 && !(ends && this.#state === 'live')) return 'foreign';
    if (this.#unanswered > 0) this.#unanswered--;
    if (this.#unanswered > 0 || this.#state === 'left') return 'superseded';
    this.#state = 'refused';
    return 'refused';
  }

  /** `take`: the stream has started; when we had no position, the answer's is ours now. */
  subscribed({ position, recovered }: Subscribed, ours: Position | null): Verdict {
    this.#state = 'live';
    if (this.#unanswered > 0) this.#unanswered--;
    this.#cursor = recovered ? position : null;
    if (!recovered || ours === null || samePosition(position, ours)) return 'take';
    return position.epoch === ours.epoch && position.offset < ours.offset ? 'take' : 'ask-again';
  }

  /** `had`: whether a message of that id was given to the application lately. */
  message({ position: next, id }: Message, ours: Position | null, had: (id: string) => boolean): Verdict {
    const cursor = this.#cursor;
    if (this.#state !== 'live' || ours === null) return 'drop';
    if (cursor === null || next.epoch !== cursor.epoch || next.offset > cursor.offset + 1) return 'ask-again';
    if (next.offset <= cursor.offset) return 'drop';
    this.#cursor = next;
    if (samePosition(cursor, ours)) return 'take';
    if (next.epoch !== ours.epoch || next.offset > ours.offset) return 'ask-again';
    // Behind us, or on the line that took the place of ours, where the offsets are the same and the messages are not.
    return (next.offset === ours.offset ? samePosition(next, ours) : had(id)) ? 'drop' : 'ask-again';
  }

  /** `take`: the application is told that what lies between our position and `to` won't come. */
  gap({ from, to }: Gap, ours: Position | null): Verdict {
    if (this.#state !== 'live' || ours === null) return 'drop';
    this.#cursor = to;
    if (samePosition(to, ours)) return 'drop';
    if (samePosition(from, ours)) return 'take';
    const seen = to.epoch === ours.epoch && from.epoch === to.epoch && to.offset >= from.offset && to.offset < ours.offset;
    return seen ? 'drop' : 'ask-again';
  }
}
