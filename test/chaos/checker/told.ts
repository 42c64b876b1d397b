import type { Books, Participant, Stream } from './books.ts';
import { at, headOf } from './evidence.ts';
import { lies } from './lines.ts';
import type { Acknowledged, Delivered } from './log.ts';
import type { Run } from './order.ts';
import type { Message, Place } from './places.ts';
import type { CheckOptions, Report } from './verdict.ts';

/** Each subscription of a channel, with the stretches in which it went. */
export type Readers = readonly { readonly participant: Participant; readonly stream: Stream; readonly runs: readonly Run[] }[];

/**
 * Whether all who should have got a lost message were told of a gap that covers it (D2): those who were subscribed before it was acknowledged,
 * were on its line before its place, and went on somewhere else or wait there still. Each who was not is reported, unless only witnesses count.
 */
export function toldOfLoss(books: Books, readers: Readers, message: Message, { lossToldTo }: CheckOptions, report: Report): boolean {
  const acknowledged = message.acknowledgements[0] as Acknowledged;
  const place = books.places.at(acknowledged.position);
  let told = true;
  for (const { participant, stream, runs } of readers) {
    if (stream.start.at > acknowledged.at || participant.had.has(message)) continue;
    const run = untoldIn(runs, stream, place);
    if (run === null) continue;
    told = false;
    if (lossToldTo === 'witnesses') continue;
    const text = `${message.id}, acknowledged at ${at(place)}, was lost; the client was subscribed, never got it, and was told of no gap there.`;
    const events = [stream.start, message.publishes[0], acknowledged, parting(run, place, participant) ?? run.event, headOf(books)];
    report('loss-untold', participant.client, text, events);
  }
  return told;
}

/** The run in which the client went past the lost place without a word, or still waits before it; null when it was told or nothing is owed. */
function untoldIn(runs: readonly Run[], { end }: Stream, lost: Place): Run | null {
  for (const [index, run] of runs.entries()) {
    if (!before(run.first, lost)) continue;
    // A step that doesn't follow is reported by itself.
    if (run.end === 'broken') return null;
    if (!before(run.last, lost)) return lies(run.last, lost) === 'unknown' ? null : run;
    if (run.end === null) return end === null ? run : null;
    const to = runs[index + 1]?.first;
    const stillBefore = to !== undefined && before(to, lost) && to.offset > run.last.offset;
    if (!stillBefore) return null;
  }
  return null;
}

function before(place: Place, lost: Place): boolean {
  return place.offset < lost.offset && lies(place, lost) === 'before';
}

/** The delivery by which the client left the line of the lost message; null when it didn't. */
function parting(run: Run, lost: Place, { had }: Participant): Delivered | null {
  let place = run.last;
  if (before(place, lost)) return null;
  while (place.parent !== null && place !== run.first && !before(place.parent, lost)) place = place.parent;
  return place.message === null ? null : (had.get(place.message) ?? null);
}
