import type { Delivered } from './log.ts';
import { digestAfter, type Message, type Place, type Places } from './places.ts';

/** A publish that was sent twice, by two gateways, may be answered by one while it still waits for Redis in the other: for so long at most, ms. */
const STILL_WAITING_MS = 60_000;
/** Of a stretch at which nobody saw anything, so many places can be reckoned: the tries grow with their power. */
const LONGEST = 4;
/** Digests that are reckoned at most for one stretch: of a long one only with the likeliest candidates. */
const MOST_TRIES = 3_000_000;
/** Mostly these likeliest are enough. */
const FEW = 24;

/** A message that may stand at a place that nobody saw. */
interface Candidate {
  readonly id: string;
  /** Where this client had it, before the line forked. */
  readonly offset: number;
}

/**
 * What one client may have passed over at places which nobody was delivered anything of, or not this client: messages that it had had before the line
 * forked, and that their publishers, not yet answered, published again. The digests tell whether they stood there.
 */
export class Unseen {
  readonly #places: Places;
  readonly #had: ReadonlyMap<Message, Delivered>;
  readonly #candidates: readonly Candidate[];

  /** `at`: when the client was at the place before the hole, ms. What was answered long before nobody published again. */
  constructor(places: Places, had: ReadonlyMap<Message, Delivered>, at: number) {
    this.#places = places;
    this.#had = had;
    const isOpen = (message: Message) => !message.acknowledgements.some((acknowledged) => acknowledged.at < at - STILL_WAITING_MS);
    this.#candidates = Array.from(had)
      .filter(([message]) => isOpen(message))
      .map(([{ id }, { position }]) => ({ id, offset: position.offset }));
  }

  /** Whether such messages lead from one place to another further on; what stands at that one is known, or one of them too. */
  bridges(from: Place, to: Place): boolean {
    if (this.#reckon(from, to)) return true;
    for (let offset = from.offset + 1; offset < to.offset; offset++) {
      for (const known of this.#places.twins(to.epoch, offset)) {
        if (known.message === null || !this.#had.has(known.message)) continue;
        if (this.bridges(from, known) && this.bridges(known, to)) return true;
      }
    }
    return false;
  }

  #reckon(from: Place, to: Place): boolean {
    const last = to.message === null ? [] : [to.message.id];
    const size = to.offset - from.offset - last.length;
    if (size > LONGEST) return false;
    // What is published again comes to stand near where it stood.
    const distance = ({ offset }: Candidate) => Math.abs(offset - from.offset);
    const likeliest = this.#candidates.toSorted((a, b) => distance(a) - distance(b)).map(({ id }) => id);
    const most = Math.floor(MOST_TRIES ** (1 / Math.max(1, size)));
    return [FEW, most].some((count) => leads(from.digest, size, to.digest, last, likeliest.slice(0, count)));
  }
}

/** Whether `size` candidates, and then `last`, lead from one digest to another. */
function leads(from: string, size: number, to: string, last: readonly string[], candidates: readonly string[]): boolean {
  if (size === 0) return last.reduce(digestAfter, from) === to;
  return candidates.some((one) => leads(digestAfter(from, one), size - 1, to, last, candidates));
}
