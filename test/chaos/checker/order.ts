import type { Books, Participant, Stream } from './books.ts';
import { at, wordOn, wordsOn } from './evidence.ts';
import { lies, survivingAt } from './lines.ts';
import type { Delivered, Gap, Subscribed } from './log.ts';
import type { Message, Place } from './places.ts';
import { Unseen } from './unseen.ts';
import type { Report } from './verdict.ts';

/** A stretch of a stream in which each step followed the last. */
export interface Run {
  readonly first: Place;
  /** When the client came there, ms. */
  readonly begun: number;
  last: Place;
  /** What brought the client to `last`. */
  event: Subscribed | Delivered | Gap;
  /** How it ended: a gap was told, a violation was reported, or it is the stream's last. */
  end: Gap | 'broken' | null;
}

/**
 * Walks one subscription and reports each step that doesn't follow (D1, D2): a delivery is at the very next place of the client's line, as the
 * digests prove, or a gap says from where to where the client is moved. Offsets alone would hide a fork. So every message of the line
 * between start and end was delivered or lies in a told gap; `checkEnd` sees to it that the end is the head.
 */
export function follow(books: Books, participant: Participant, stream: Stream, report: Report): Run[] {
  const { places } = books;
  const runs: Run[] = [];
  const begin = (place: Place, event: Run['event']): Run => {
    const run: Run = { first: place, begun: event.at, last: place, event, end: null };
    runs.push(run);
    return run;
  };
  let run = stream.start.recovered ? begin(places.at(stream.start.position), stream.start) : null;
  for (const step of stream.steps) {
    if (step.kind === 'gap') {
      if (run === null || startsAt(books, participant, run, step, report)) {
        checkNeed(books, run?.event ?? stream.start, step, participant.client, report);
      }
      if (run !== null) run.end = step;
      run = begin(places.at(step.to), step);
      continue;
    }
    const place = places.at(step.position);
    if (run === null) {
      const text = `Its stream did not recover at ${at(stream.start.position)}, and went on with ${step.id} at ${at(place)} without a gap.`;
      report('gap-missing', participant.client, text, [stream.start, step]);
      run = begin(place, step);
      continue;
    }
    if (place.parent !== run.last || place.parent === null) {
      const outcome = misstep(books, participant, run, step, place, report);
      if (outcome === 'stay') continue;
      if (outcome === 'broken') {
        run.end = 'broken';
        run = begin(place, step);
      }
    }
    run.last = place;
    run.event = step;
  }
  return runs;
}

/** Whether a gap starts where the client is, or further on where it has passed over only what it had had before; reported if not. */
function startsAt({ places }: Books, { client, had }: Participant, { last, event }: Run, gap: Gap, report: Report): boolean {
  const from = places.at(gap.from);
  const isTold = event.kind === 'gap' && places.at(event.from) === from && places.at(event.to) === places.at(gap.to);
  if (from === last || (!isTold && hasAllBetween(last, from, had))) return true;
  const isFurther = from.epoch === last.epoch && from.offset > last.offset;
  if (!isTold && isFurther && from.message === null && new Unseen(places, had, event.at).bridges(last, from)) return true;
  const text = `The gap starts at ${at(gap.from)} (${gap.from.digest}), the client was at ${at(last)} (${last.digest}).`;
  report('gap-from-elsewhere', client, text, [event, gap]);
  return false;
}

/** A gap is told only of what the history can't give. */
function checkNeed(books: Books, event: Run['event'], gap: Gap, client: string, report: Report): void {
  const { places, lines } = books;
  const from = places.at(gap.from);
  const to = places.at(gap.to);
  if (from.line !== lines.surviving || to.line !== lines.surviving || to.offset <= from.offset) return;
  const next = survivingAt(places, lines, from.offset + 1);
  // What the history still holds at the end it held all the time; only then is it certain that the gap was needless.
  if (next === null || !next.stored) return;
  const text = `The gap from ${at(from)} to ${at(to)} passes over ${next.message?.id}, which the history holds at ${at(next)}.`;
  report('needless-gap', client, text, [event, gap, ...wordsOn(books, next)]);
}

/**
 * A delivery that isn't the next place. `stay`: it changes nothing, and the check of repeats reports it. `move`: what it passes over the
 * client has had before the line forked. `broken`: reported here.
 */
function misstep(
  books: Books,
  { client, had }: Participant,
  run: Run,
  step: Delivered,
  place: Place,
  report: Report,
): 'stay' | 'move' | 'broken' {
  const { last } = run;
  const between = `after ${at(last)} (${last.digest}) came ${step.id} at ${at(place)} (${place.digest})`;
  if (place.epoch !== last.epoch) {
    report('epoch-skipped', client, `Without a gap, ${between}: another epoch.`, [run.event, step]);
    return 'broken';
  }
  if (place.offset <= last.offset) {
    const first = place.message === null ? undefined : had.get(place.message);
    if (first !== undefined && first !== step && lies(books.places.at(first.position), place) === 'before') return 'stay';
    report('backwards', client, `Without a gap, ${between}, which is not further on.`, [run.event, step]);
    return 'broken';
  }
  const { missed, reached } = wayBack(place, last, had);
  if (reached === last) {
    if (missed === null) return 'move';
    const { message } = missed;
    const text = `${message?.id} at ${at(missed)} was never delivered: ${between}, and no gap was told.`;
    report('skipped', client, text, [run.event, step, ...wordsOn(books, missed)]);
    return 'broken';
  }
  if (place.offset === last.offset + 1 || reached !== null) {
    const text = `Without a gap, ${between}: its digest does not follow, so it is not of the line that the client was on.`;
    report('fork-skipped', client, text, [run.event, step, reached === null ? null : wordOn(books, reached)]);
  } else if (new Unseen(books.places, had, run.event.at).bridges(last, place)) return 'move';
  else report('skipped-unseen', client, `Without a gap, ${between}; nobody knows all that stood between.`, [run.event, step]);
  return 'broken';
}

/** Whether `to` lies further on than `from` on its line, and the client has had each message from there to `to`, at other places. */
export function hasAllBetween(from: Place, to: Place, had: ReadonlyMap<Message, Delivered>): boolean {
  if (to.message === null || !had.has(to.message)) return false;
  const { missed, reached } = wayBack(to, from, had);
  return missed === null && reached === from;
}

/** From a place back to the offset of another: where that leads, and the oldest message on the way that the client has not had. */
function wayBack(
  from: Place,
  to: Place,
  had: ReadonlyMap<Message, Delivered>,
): { readonly missed: Place | null; readonly reached: Place | null } {
  let missed: Place | null = null;
  let place = from.parent;
  while (place !== null && place.offset > to.offset) {
    if (place.message === null || !had.has(place.message)) missed = place;
    place = place.parent;
  }
  return { missed, reached: place };
}
