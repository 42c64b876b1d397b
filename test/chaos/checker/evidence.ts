import type { Position } from '../../../protocol/position.ts';
import type { Books } from './books.ts';
import type { Message, Place } from './places.ts';
import type { Evidence } from './verdict.ts';

/** The final history's word that a message stands at a place. */
export function storedAs({ channel, history }: Books, message: Message, { epoch, offset, digest }: Place): Evidence {
  return { kind: 'stored', at: history.at, channel, id: message.id, position: { epoch, offset, digest } };
}

/** The best word on what stands at a place: who saw it first, else the final history; null when nobody knows. */
export function wordOn(books: Books, place: Place): Evidence | null {
  return place.shown ?? storedAt(books, place);
}

/** All that shows that a message is at a place: its publish, its acknowledgement, who saw it there, the final history. */
export function wordsOn(books: Books, place: Place): (Evidence | null)[] {
  return [...(place.message === null ? [] : originOf(place.message)), place.shown, storedAt(books, place)];
}

/** What the final history says of a place; null when it doesn't hold it. */
export function storedAt(books: Books, place: Place): Evidence | null {
  return place.stored && place.message !== null ? storedAs(books, place.message, place) : null;
}

/** The head of the final history. */
export function headOf({ channel, history }: Books): Evidence {
  return { kind: 'head', at: history.at, channel, position: history.head };
}

/** How a message came to be: its first publish and its first acknowledgement, as far as they happened. */
export function originOf({ publishes, acknowledgements }: Message): Evidence[] {
  return [publishes[0], acknowledgements[0]].filter((event) => event !== undefined);
}

/** A position for a sentence: `k3J9aQ/42`. */
export function at({ epoch, offset }: Position): string {
  return `${epoch}/${offset}`;
}
