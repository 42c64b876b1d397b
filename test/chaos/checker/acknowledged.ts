import type { Books } from './books.ts';
import { at, headOf, storedAt, wordOn } from './evidence.ts';
import { survives, survivingAt } from './lines.ts';
import type { Acknowledged } from './log.ts';
import type { Message } from './places.ts';
import { type Readers, toldOfLoss } from './told.ts';
import type { CheckOptions, Count, Report } from './verdict.ts';

/** An acknowledged message stands where it was acknowledged (D3), on the line that survived, or its loss was allowed and told (D4, D2). */
export function checkAcknowledged(books: Books, readers: Readers, options: CheckOptions, report: Report, count: Count): void {
  for (const message of books.messages.values()) {
    const last = message.acknowledgements.at(-1);
    if (last === undefined) continue;
    const stranger = message.acknowledgements.find(({ client }) => message.publishes.every((publish) => publish.client !== client));
    if (stranger !== undefined) {
      const text = `${stranger.client} never published ${message.id}, which was acknowledged at ${at(stranger.position)}.`;
      report('acknowledged-unpublished', stranger.client, text, [message.publishes[0], stranger]);
      continue;
    }
    const fate = fateOf(message, books);
    if (fate === 'no' && !mayLose(options, last.at)) {
      reportLost(books, message, last, report);
      continue;
    }
    checkPlaces(books, message, fate, options, report);
    if (fate === 'unknown') count('undecided');
    if (fate === 'no') {
      const told = toldOfLoss(books, readers, message, options, report);
      count(told ? 'lostAndTold' : 'lostAndUntold');
    }
  }
}

/** Whether a message is on the surviving line, wherever. */
function fateOf({ places }: Message, { lines }: Books): 'yes' | 'no' | 'unknown' {
  const fates = places.map((place) => survives(place, lines));
  return fates.find((fate) => fate === 'yes') ?? fates.find((fate) => fate === 'unknown') ?? 'no';
}

function mayLose({ lossAllowed }: CheckOptions, acknowledgedAt: number): boolean {
  return typeof lossAllowed === 'boolean' ? lossAllowed : acknowledgedAt <= lossAllowed.until;
}

function checkPlaces(books: Books, message: Message, fate: 'yes' | 'no' | 'unknown', options: CheckOptions, report: Report): void {
  for (const event of message.acknowledgements) {
    const place = books.places.at(event.position);
    const other = place.message !== message;
    // Acknowledged, lost, and then stored anew by a copy that was late: the first place is gone, which may be only where messages may be lost.
    const gone = fate === 'yes' && survives(place, books.lines) === 'no' && !mayLose(options, event.at);
    if (!other && !gone) continue;
    const found = message.places.find((candidate) => candidate !== place);
    const stands = found === undefined ? 'stands nowhere' : `stands at ${at(found)}`;
    const text = `${message.id} was acknowledged at ${at(place)} (${place.digest}), but ${stands}${other ? `, and ${place.message?.id} is there` : ''}.`;
    const words = [found === undefined ? null : wordOn(books, found), other ? wordOn(books, place) : null];
    report('acknowledged-elsewhere', event.client, text, [message.publishes[0], event, ...words]);
    return;
  }
}

function reportLost(books: Books, message: Message, acknowledged: Acknowledged, report: Report): void {
  const { places, lines, history } = books;
  const place = places.at(acknowledged.position);
  const instead = place.epoch === history.head.epoch ? survivingAt(places, lines, place.offset) : null;
  const text = `${message.id} was acknowledged at ${at(place)} (${place.digest}), but is not on the line that survived, which ends at ${at(lines.head)}.`;
  const seen = message.places.find(({ shown }) => shown?.kind === 'delivered')?.shown;
  const words = instead === null ? [] : [storedAt(books, instead) ?? wordOn(books, instead)];
  report('acknowledged-lost', acknowledged.client, text, [message.publishes[0], acknowledged, seen, ...words, headOf(books)]);
}
