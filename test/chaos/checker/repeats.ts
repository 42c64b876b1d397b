import type { Books, Participant } from './books.ts';
import { at } from './evidence.ts';
import { lies, survives } from './lines.ts';
import type { Delivered, Gap } from './log.ts';
import type { CheckOptions, Count, Report } from './verdict.ts';

/** No message comes twice to one client (D1): not by a reconnect, not over a fork, not after a told gap, not in a new epoch. */
export function checkRepeats(
  books: Books,
  { client, had, streams }: Participant,
  options: CheckOptions,
  report: Report,
  count: Count,
): void {
  for (const { steps } of streams) {
    let gap: Gap | null = null;
    for (const step of steps) {
      if (step.kind === 'gap') {
        gap = step;
        continue;
      }
      const message = books.messages.get(step.id);
      const first = message === undefined ? undefined : had.get(message);
      if (message === undefined || first === undefined || first === step) continue;
      const between = gap !== null && gap.at >= first.at ? gap : null;
      if (options.repeatAfterLoss === true && between !== null && storedAnew(books, first, step)) {
        count('repeatedAfterLoss');
        continue;
      }
      const text = `${step.id} was delivered at ${at(first.position)} and again at ${at(step.position)}.`;
      report('repeated', client, text, [message.publishes[0], first, between, step]);
    }
  }
}

/** The first place was lost, and the second is on a line that never held it. */
function storedAnew({ places, lines }: Books, first: Delivered, again: Delivered): boolean {
  const lost = places.at(first.position);
  return survives(lost, lines) === 'no' && lies(lost, places.at(again.position)) === 'elsewhere';
}
