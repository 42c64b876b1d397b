import type { Books, Participant, Stream } from './books.ts';
import { at, headOf } from './evidence.ts';
import { lies, survives } from './lines.ts';
import type { Acknowledged, Delivered } from './log.ts';
import type { Run } from './order.ts';
import type { Message, Place } from './places.ts';
import type { CheckOptions, Report } from './verdict.ts';

/** Each subscription of a channel, with the stretches in which it went. */
export type Readers = readonly { readonly participant: Participant; readonly stream: Stream; readonly runs: readonly Run[] }[];

/**
 * Whether all who should have got a lost message were told of a gap that covers it (D2): those who were subscribed before it was published,
 * were on its line before its place, and went on somewhere else or wait there still. Each who was not is reported, unless only witnesses count.
 */
export function toldOfLoss(books: Books, readers: Readers, message: Message, { lossToldTo }: CheckOptions, report: Report): boolean {
  const acknowledged = message.acknowledgements[0] as Acknowledged;
  const place = books.places.at(acknowledged.position);
  // Not the acknowledgement's time: that may come long after the message was stored, and lost.
  const publishedAt = message.publishes[0]?.at ?? acknowledged.at;
  let told = true;
  for (const { participant, stream, runs } of readers) {
    if (participant.had.has(message)) continue;
    const run = untoldIn(books, runs, stream, place, publishedAt);
    if (run === null) continue;
    told = false;
    if (lossToldTo === 'witnesses') continue;
    const text = `${message.id}, acknowledged at ${at(place)}, was lost; the client was subscribed, never got it, and was told of no gap there.`;
    const events = [stream.start, message.publishes[0], acknowledged, parting(books, run, place, participant) ?? run.event, headOf(books)];
    report('loss-untold', participant.client, text, events);
  }
  return told;
}

/**
 * The run in which the client went past the lost place without a word, or still waits before it; null when it was told or nothing is owed. The
 * message is owed to who stood before its place when it was published. Who came there later by a gap was brought to where it was lost
 * already, and who had gone another way, that was lost in its turn, was told of that.
 */
function untoldIn(books: Books, runs: readonly Run[], { end }: Stream, lost: Place, publishedAt: number): Run | null {
  let owed = false;
  for (const [index, run] of runs.entries()) {
    owed = precedes(run.first, lost) && (owed || run.begun <= publishedAt);
    if (!owed) continue;
    if (lies(run.last, lost) === 'elsewhere') return survives(run.last, books.lines) === 'yes' ? run : null;
    if (run.end === null) return end === null ? run : null;
    const to = runs[index + 1]?.first;
    const goesOnBefore = to !== undefined && precedes(to, lost) && to.offset > run.last.offset;
    // A gap told it; or a step that doesn't follow, which is reported by itself.
    if (!goesOnBefore) return null;
  }
  return null;
}

function precedes(place: Place, lost: Place): boolean {
  return place.offset < lost.offset && lies(place, lost) === 'before';
}

/** The delivery by which the client left the line of the lost message; null when it didn't. Runs are long and losses many: it halves its way. */
function parting({ places }: Books, run: Run, lost: Place, { had }: Participant): Delivered | null {
  let before = run.first.offset as number;
  let past = run.last;
  if (precedes(past, lost)) return null;
  while (past.offset - before > 1) {
    const middle = Math.floor((before + past.offset) / 2);
    const place = [...places.twins(past.epoch, middle)].find((twin) => lies(twin, run.last) === 'before');
    if (place === undefined) break;
    if (precedes(place, lost)) before = middle;
    else past = place;
  }
  return past.message === null ? null : (had.get(past.message) ?? null);
}
