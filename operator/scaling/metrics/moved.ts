import { type GatewayView, LOAD_WINDOW_MS } from '../../fleet/fleet.ts';
import { partOfWindow } from './part.ts';

/** How fast gateways asked connections to move, by their names: the most of the last seconds, and when it was last so much (wall clock, ms). */
export type Movers = Readonly<Record<string, { readonly perSecond: number; readonly at: number }>>;

/** A client that is asked to move shows as accepted elsewhere no later than this, ms: its own delay, and the next look at that gateway. */
const LANDING_MS = 3_000;

/**
 * Connections that were asked to move, a second, as long as they count as accepted elsewhere: also by gateways that are gone since then, and a little longer
 * than they themselves tell of it. Else the last of a scale-down would look like people who come, and ask for what was just removed.
 */
export function movedOf(
  gateways: readonly GatewayView[],
  before: Movers,
  now: number,
): { readonly perSecond: number; readonly movers: Movers } {
  const movers: Record<string, Movers[string]> = {};
  let perSecond = 0;
  const told = new Set<string>();
  for (const { name, load, readyAt, observedAt } of gateways) {
    if (load === null || load === undefined) continue;
    told.add(name);
    const present = load.movesPerSecond * partOfWindow(readyAt, observedAt);
    const past = before[name];
    const isPast = past !== undefined && past.perSecond > present && isWithin(past.at, now, LANDING_MS);
    if (isPast) movers[name] = past;
    else if (present > 0) movers[name] = { perSecond: present, at: now };
    perSecond += isPast ? past.perSecond : present;
  }
  for (const [name, past] of Object.entries(before)) {
    if (told.has(name) || !isWithin(past.at, now, LOAD_WINDOW_MS + LANDING_MS)) continue;
    movers[name] = past;
    perSecond += past.perSecond;
  }
  return { perSecond, movers };
}

/** The clock may have been set back. */
const isWithin = (at: number, now: number, ms: number): boolean => at <= now && now - at <= ms;
