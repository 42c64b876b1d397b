import type { Books } from './books.ts';
import { at, storedAs, storedAt, wordOn } from './evidence.ts';
import type { Report } from './verdict.ts';

/** All who saw one position, the final history included, saw the same message there; and somebody published it (D1). */
export function checkAgreement(books: Books, report: Report): void {
  for (const { place, message, by } of books.conflicts) {
    const text = `At ${at(place)} (${place.digest}) stands ${place.message?.id} for one and ${message.id} for another.`;
    report('disagreement', by?.client ?? null, text, [wordOn(books, place), by ?? storedAs(books, message, place)]);
  }
  for (const { id, publishes, places } of books.messages.values()) {
    const [place] = places;
    // One that only an acknowledgement speaks of is for the check of acknowledgements.
    if (publishes.length > 0 || place === undefined || place.shown?.kind === 'acknowledged') continue;
    const events = [place.shown, storedAt(books, place)];
    report('unpublished', place.shown?.client ?? null, `${id} stands at ${at(place)}, and nobody published it.`, events);
  }
}
