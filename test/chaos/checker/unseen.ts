import type { Delivered } from './log.ts';
import { digestAfter, type Message, type Place, type Places } from './places.ts';

/** A publish that was sent twice, by two gateways, may be answered by one while it still waits for Redis in the other: for so long at most, ms. */
const STILL_WAITING_MS = 60_000;
/** Of a stretch at which nobody saw anything, so many places can be reckoned: the tries grow with their power. */
const LONGEST = 3;
/** Digests that are reckoned at most for one stretch. */
const MOST_TRIES = 3_000_000;

/**
 * What one client may have passed over at places which nobody was delivered anything of, or not this client: messages that it had had before the line
 * forked, and that their publishers, not yet answered, published again. The digests tell whether they stood there.
 */
export class Unseen {
  readonly #places: Places;
  readonly #had: ReadonlyMap<Message, Delivered>;
  readonly #candidates: readonly string[];

  /** `at`: when the client was at the place before the hole, ms. What was answered long before nobody published again. */
  constructor(places: Places, had: ReadonlyMap<Message, Delivered>, at: number) {
    this.#places = places;
    this.#had = had;
    const isOpen = (message: Message) => !message.acknowledgements.some((acknowledged) => acknowledged.at < at - STILL_WAITING_MS);
    this.#candidates = Array.from(had.keys())
      .filter(isOpen)
      .map(({ id }) => id);
  }

  /** Whether such messages lead from one place to another further on; what stands at that one is known, or one of them too. */
  bridges(from: Place, to: Place): boolean {
    const last = to.message === null ? [] : [to.message.id];
    if (this.#leads(from.digest, to.offset - from.offset - last.length, to.digest, last, { tries: MOST_TRIES })) return true;
    for (let offset = from.offset + 1; offset < to.offset; offset++) {
      for (const known of this.#places.twins(to.epoch, offset)) {
        if (known.message === null || !this.#had.has(known.message)) continue;
        if (this.bridges(from, known) && this.bridges(known, to)) return true;
      }
    }
    return false;
  }

  /** Whether `size` candidates, and then `last`, lead from one digest to another. */
  #leads(from: string, size: number, to: string, last: readonly string[], budget: { tries: number }): boolean {
    if (size > LONGEST || budget.tries-- <= 0) return false;
    if (size === 0) return last.reduce(digestAfter, from) === to;
    return this.#candidates.some((one) => this.#leads(digestAfter(from, one), size - 1, to, last, budget));
  }
}
