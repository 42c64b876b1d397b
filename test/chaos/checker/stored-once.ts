import type { Books } from './books.ts';
import { at, wordOn } from './evidence.ts';
import { lies } from './lines.ts';
import type { Message, Place } from './places.ts';
import type { Report } from './verdict.ts';

/** A message id stands at most once on one line of the history, however often it was sent (D3). On two forks, or in two epochs, it may. */
export function checkStoredOnce(books: Books, report: Report): void {
  for (const message of books.messages.values()) {
    const twice = message.places.length > 1 ? onOneLine(message) : null;
    if (twice === null) continue;
    const [first, second] = twice;
    const text = `${message.id} stands at ${at(first)} and again at ${at(second)}, on the same line.`;
    report('stored-twice', null, text, [...message.publishes.slice(0, 2), wordOn(books, first), wordOn(books, second)]);
  }
}

function onOneLine({ places }: Message): readonly [Place, Place] | null {
  for (const [index, one] of places.entries()) {
    for (const other of places.slice(0, index)) {
      if (lies(one, other) === 'before') return [one, other];
      if (lies(other, one) === 'before') return [other, one];
    }
  }
  return null;
}
