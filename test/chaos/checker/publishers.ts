import type { Books, Participant } from './books.ts';
import { at, originOf, wordOn } from './evidence.ts';
import type { Line, Message, Place } from './places.ts';
import type { Report } from './verdict.ts';

/**
 * One publisher's messages stand in the order of its publishing (D1). The SDK sends one at a time, so what is published later is sent only
 * when the earlier was acknowledged. A message that it gave up orders nothing: a copy may still be on its way and be stored at any later time.
 * Only when a retry of it was acknowledged does it precede what is published from then on.
 */
export function checkPublisher(books: Books, { client, said }: Participant, report: Report): void {
  /** Of each line the latest place that all which is published from here on must be behind. */
  const latest = new Map<Line, Place>();
  const seen = new Set<Message>();
  const passed = (message: Message): void => {
    const [acknowledged] = message.acknowledgements;
    if (acknowledged === undefined) return;
    const place = books.places.at(acknowledged.position);
    const last = place.line === null ? undefined : latest.get(place.line);
    if (place.line !== null && place.message === message && place.offset > (last?.offset ?? 0)) latest.set(place.line, place);
  };
  for (const event of said) {
    const message = books.messages.get(event.id) as Message;
    if (event.kind === 'publish' && !seen.has(message)) {
      seen.add(message);
      // Another life of the application may have stored it already.
      const isOwn = message.publishes.every((publish) => publish.client === client || publish.at > event.at);
      for (const place of isOwn ? message.places : []) {
        const last = place.line === null ? undefined : latest.get(place.line);
        if (last !== undefined && last.offset > place.offset) reorderedAt(books, client, message, place, last, report);
      }
      if (!gaveUpFirst(message)) passed(message);
    } else if (event.kind === 'acknowledged') passed(message);
  }
}

function gaveUpFirst({ acknowledgements, failures }: Message): boolean {
  const [acknowledged] = acknowledgements;
  const [failed] = failures;
  return failed !== undefined && acknowledged !== undefined && failed.at <= acknowledged.at;
}

function reorderedAt(books: Books, client: string, message: Message, place: Place, last: Place, report: Report): void {
  const earlier = last.message?.id;
  const text = `${earlier} was published before ${message.id}, but stands behind it: at ${at(last)} and ${at(place)}.`;
  const before = last.message === null ? [] : originOf(last.message);
  report('publisher-reordered', client, text, [...before, wordOn(books, last), message.publishes[0], wordOn(books, place)]);
}
