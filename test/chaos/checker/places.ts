import { hash } from 'node:crypto';
import type { Epoch, Offset, Position } from '../../../protocol/position.ts';
import type { Acknowledged, Delivered, Failed, Publish } from './log.ts';

/** A message of a channel, and all that was said of it. */
export interface Message {
  readonly id: string;
  readonly publishes: Publish[];
  readonly acknowledgements: Acknowledged[];
  readonly failures: Failed[];
  /** Where it was seen, by a delivery, an acknowledgement or the final history: more than one after a fork, or by a fault. */
  readonly places: Place[];
}

/** A position that somebody named. Positions that are the same are one place. */
export interface Place extends Position {
  /** What stands there; null when nobody said. */
  message: Message | null;
  /** Who said so first; null when only the final history did. */
  shown: Delivered | Acknowledged | null;
  /** The final history holds it. */
  stored: boolean;
  /** The place right before, as the digest proves; null when it isn't known. */
  parent: Place | null;
  line: Line | null;
  /** Another place with the same epoch and offset, and another digest. */
  twin: Place | null;
}

/** A stretch of history, each place the next after the one before. A fork starts another, which hangs on the one it left. */
export interface Line {
  /** The line that this one forked from; null when it starts by itself, or what it hangs on isn't known. */
  readonly parent: Line | null;
  first: Place;
  tip: Place;
  /** Somewhere beside it there is another place with the same offset. */
  forked: boolean;
}

/** The digest of offset 0. */
const FIRST_DIGEST = '';
const FIRST_OFFSET = 0 as Offset;

/** The digest after a message, as the protocol's design defines it: reckoned here by itself, so that no server need be believed. */
export function digestAfter(digest: string, id: string): string {
  return hash('sha1', digest + id).slice(0, 12);
}

/** All the places of one channel. */
export class Places {
  /** epoch → offset → the first place known there; its twins hang on it. */
  readonly #epochs = new Map<Epoch, Map<Offset, Place>>();

  /** The place that a position names, made at its first mention. */
  at({ epoch, offset, digest }: Position): Place {
    return this.#at(epoch, offset, digest);
  }

  get epochs(): Iterable<Epoch> {
    return this.#epochs.keys();
  }

  get epochCount(): number {
    return this.#epochs.size;
  }

  /** Those known at an offset, each on another line. */
  *twins(epoch: Epoch, offset: number): Generator<Place> {
    for (let place = this.#epochs.get(epoch)?.get(offset as Offset) ?? null; place !== null; place = place.twin) yield place;
  }

  /** Finds the parents of all places, and gives those of an epoch ascending by offset. */
  linked(epoch: Epoch): Place[] {
    const offsets = this.#epochs.get(epoch) ?? new Map<Offset, Place>();
    if (offsets.has(1 as Offset)) this.#at(epoch, FIRST_OFFSET, FIRST_DIGEST);
    const ascending = [...offsets.keys()].sort((a, b) => a - b);
    const places: Place[] = [];
    for (const offset of ascending) {
      for (const place of this.twins(epoch, offset)) {
        place.parent = this.#parentOf(place);
        places.push(place);
      }
    }
    return places;
  }

  #at(epoch: Epoch, offset: Offset, digest: string): Place {
    let offsets = this.#epochs.get(epoch);
    if (offsets === undefined) {
      offsets = new Map();
      this.#epochs.set(epoch, offsets);
    }
    const first = offsets.get(offset);
    let last: Place | null = null;
    for (let place = first ?? null; place !== null; place = place.twin) {
      if (place.digest === digest) return place;
      last = place;
    }
    const made: Place = { epoch, offset, digest, message: null, shown: null, stored: false, parent: null, line: null, twin: null };
    if (last === null) offsets.set(offset, made);
    else last.twin = made;
    return made;
  }

  #parentOf({ epoch, offset, digest, message }: Place): Place | null {
    if (message === null) return null;
    for (const candidate of this.twins(epoch, offset - 1)) {
      if (digestAfter(candidate.digest, message.id) === digest) return candidate;
    }
    return null;
  }
}
