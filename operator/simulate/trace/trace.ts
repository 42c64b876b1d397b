import type { Profile } from '../profiles.ts';
import { csvTrace } from './csv.ts';
import { recordedTrace } from './recording.ts';
import { spikesIn } from './spikes.ts';

/** How many clients want to be online at an instant, ms from the start. */
export interface Point {
  readonly at: number;
  readonly connections: number;
}

/** A load that was measured. In between two points it is a straight line. */
export interface Trace {
  /** The file. */
  readonly name: string;
  /** At least two, in the order of time, the first at 0. */
  readonly points: readonly Point[];
}

/** Reads a trace: CSV, or what `chatcluster record` wrote. Throws an error that names the file, each bad line and the remedy, one a line. */
export function parseTrace(text: string, name: string): Trace {
  return { name, points: text.trimStart().startsWith('{') ? recordedTrace(text, name) : csvTrace(text, name) };
}

/** The clients that it takes, and what they do. */
export function profileOf({ name, points }: Trace): { readonly profile: Profile; readonly clients: number } {
  const clients = points.reduce((most, point) => Math.max(most, point.connections), 1);
  let from = 0;
  const share = (at: number): number => {
    if (at < (points[from]?.at ?? 0)) from = 0;
    while (from + 2 < points.length && at >= (points[from + 1]?.at ?? 0)) from += 1;
    const [before, after] = [points[from], points[from + 1]];
    if (before === undefined || after === undefined) return 0;
    const part = Math.min(1, Math.max(0, (at - before.at) / (after.at - before.at)));
    return (before.connections + part * (after.connections - before.connections)) / clients;
  };
  const profile: Profile = {
    name,
    description: `a trace of ${points.length} points`,
    share,
    storms: null,
    crashEveryMs: null,
    spikes: (duration) => spikesIn(share, duration),
    blind: () => null,
  };
  return { profile, clients };
}
