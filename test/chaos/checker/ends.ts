import type { Books, Participant, Stream } from './books.ts';
import { at, headOf, wordsOn } from './evidence.ts';
import { survives, survivingAt } from './lines.ts';
import { hasAllBetween, type Run } from './order.ts';
import type { Report } from './verdict.ts';

/** Who is still subscribed when all is quiet has reached the head of the final history (D1); or was told that its line was lost (D2). */
export function checkEnd(books: Books, { client, had }: Participant, { start, end }: Stream, runs: readonly Run[], report: Report): void {
  if (end !== null) return;
  const { places, lines } = books;
  const { head } = lines;
  const run = runs.at(-1);
  if (run === undefined) {
    report('gap-missing', client, `Its stream did not recover at ${at(start.position)}, and no gap followed.`, [start, headOf(books)]);
    return;
  }
  const { last, event } = run;
  if (last === head || hasAllBetween(last, head, had)) return;
  if (survives(last, lines) === 'no') {
    const text = `It stands at ${at(last)} (${last.digest}); the history that survived ends at ${at(head)} (${head.digest}) and does not hold that.`;
    report('left-on-lost-line', client, text, [event, headOf(books)]);
    return;
  }
  const next = survivingAt(places, lines, last.offset + 1);
  report('behind', client, `It stands at ${at(last)}, the head is ${at(head)}: ${next?.message?.id ?? 'what follows'} never came.`, [
    event,
    ...(next === null ? [] : wordsOn(books, next)),
    headOf(books),
  ]);
}
