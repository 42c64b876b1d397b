import type { History } from './log.ts';
import type { Line, Place, Places } from './places.ts';

/** How one place lies to another: on its way there from the beginning (or the same), not so, or unknown because what lies between was never seen. */
export type Lies = 'before' | 'elsewhere' | 'unknown';

/** Where the history of a channel went: the line that survived, and those that were lost. */
export interface Lines {
  readonly head: Place;
  /** The line of the final history, back to where nobody knows it any more. */
  readonly surviving: Line;
  readonly forks: number;
}

/** Sorts all places into lines; the final history decides which one survived. */
export function drawLines(places: Places, history: History): Lines {
  const head = places.at(history.head);
  const epochs = [...places.epochs].map((epoch) => places.linked(epoch));
  const surviving = survivingLine(places, history, head);
  const forks = epochs.reduce((sum, ascending) => sum + countForks(grow(ascending, surviving)), 0);
  return { head, surviving, forks };
}

/** How `place` lies to `later`. */
export function lies(place: Place, later: Place): Lies {
  if (place.epoch !== later.epoch || place.offset > later.offset) return 'elsewhere';
  if (place.offset === 0) return 'before';
  let line = later.line;
  let offset = later.offset;
  while (line !== null && line !== place.line) {
    if (line.parent === null) return place.offset >= line.first.offset ? 'elsewhere' : 'unknown';
    offset = (line.first.parent as Place).offset;
    line = line.parent;
  }
  return place.offset <= offset ? 'before' : 'elsewhere';
}

/** Whether a place is on the surviving line. `unknown`: it was trimmed, and so was what would connect it. */
export function survives(place: Place, { surviving, head }: Lines): 'yes' | 'no' | 'unknown' {
  if (place.line === surviving) return 'yes';
  return lies(place, head) === 'unknown' ? 'unknown' : 'no';
}

/** What the surviving line holds at an offset, as far as it is known. */
export function survivingAt(places: Places, { head, surviving }: Lines, offset: number): Place | null {
  for (const place of places.twins(head.epoch, offset)) if (place.line === surviving) return place;
  return null;
}

function survivingLine(places: Places, history: History, head: Place): Line {
  const line: Line = { parent: null, first: head, tip: head, forked: false };
  head.line = line;
  // All that the final history holds belongs to it, even where its chain is broken: that is a fault of its own.
  for (const { position } of history.messages) places.at(position).line = line;
  const [oldest] = history.messages;
  if (oldest !== undefined) line.first = places.at(oldest.position);
  // What was trimmed is known as far back as somebody saw it.
  for (let place = line.first.parent; place !== null && place.line === null; place = place.parent) {
    place.line = line;
    line.first = place;
  }
  return line;
}

/** Gives every place of an epoch its line; they must come ascending by offset. */
function grow(ascending: readonly Place[], surviving: Line): Set<Line> {
  const lines = new Set<Line>();
  let offset = -1;
  for (const place of ascending) {
    place.line ??= lineAfter(place, surviving);
    if (place.line !== surviving) place.line.tip = place;
    if (place.twin !== null || place.offset === offset) place.line.forked = true;
    offset = place.offset;
    lines.add(place.line);
  }
  return lines;
}

/** The line of a place that did not survive: its parent's, if that ends there, else a new one. */
function lineAfter(place: Place, surviving: Line): Line {
  const before = place.parent?.line ?? null;
  if (before !== null && before !== surviving && before.tip === place.parent) return before;
  return { parent: before, first: place, tip: place, forked: false };
}

/** A line that hangs on another is a fork. Of those whose origin isn't known, the ones beside another are forks of each other. */
function countForks(lines: ReadonlySet<Line>): number {
  let hanging = 0;
  let loose = 0;
  for (const { parent, forked } of lines) {
    if (parent !== null) hanging++;
    else if (forked) loose++;
  }
  return hanging + Math.max(0, loose - 1);
}
