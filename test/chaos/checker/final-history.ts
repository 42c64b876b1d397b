import type { Books } from './books.ts';
import { at, headOf, storedAt } from './evidence.ts';
import type { Place } from './places.ts';
import type { Report } from './verdict.ts';

/** What the broker holds at the end is one chain without holes, whose digests follow, and whose last message is the head (D1). */
export function checkFinalHistory(books: Books, report: Report): void {
  const { history, places, lines } = books;
  let previous: Place | null = null;
  for (const { id, position } of history.messages) {
    const place = places.at(position);
    const starts = previous === null && place.offset > 1;
    if (!starts && (place.parent === null || (previous !== null && place.parent !== previous))) {
      const before: string = previous === null ? 'the beginning' : `${at(previous)} (${previous.digest})`;
      const events = [previous === null ? null : storedAt(books, previous), storedAt(books, place)];
      report('history-broken', null, `${id} at ${at(place)} (${place.digest}) does not follow ${before}.`, events);
    }
    previous = place;
  }
  if (previous !== null && previous !== lines.head) {
    const text = `Its last message is at ${at(previous)} (${previous.digest}), its head at ${at(lines.head)} (${lines.head.digest}).`;
    report('history-broken', null, text, [storedAt(books, previous), headOf(books)]);
  }
}
