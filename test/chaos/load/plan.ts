import { createHash } from 'node:crypto';
import { Draw } from '../draw.ts';
import type { ChaosOptions } from '../options.ts';

/**
 * What a person does, all drawn before the run:
 * - `publish`: a message in a channel.
 * - `offline`, `online`: its network is gone, and is back; the SDK finds its way.
 * - `quit`, `return`: the application ends, and is started anew from the positions that it had.
 * - `leave`, `join`: out of a channel, and in again where it left.
 */
export type Deed =
  | { readonly kind: 'publish'; readonly channel: string; readonly id: string; readonly bytes: number; readonly retries: number }
  | { readonly kind: 'offline' | 'online' | 'quit' | 'return' }
  | { readonly kind: 'leave' | 'join'; readonly channel: string };

/** A deed, and when, ms since the run began. */
export interface Timed {
  readonly at: number;
  readonly person: number;
  readonly deed: Deed;
}

/** Somebody who uses the chat during a run. */
export interface Person {
  readonly name: string;
  readonly transport: 'websocket' | 'longpoll';
  /** That it is subscribed to from the start. */
  readonly channels: readonly string[];
}

export interface LoadPlan {
  readonly channels: readonly string[];
  readonly persons: readonly Person[];
  /** Ascending by time. */
  readonly deeds: readonly Timed[];
  /** Two plans with the same one are the same. */
  readonly fingerprint: string;
}

type Habit = 'stays' | 'commutes' | 'restarts' | 'wanders';

/** How a person's absences are spread: the mean time between two, and the range of one, ms. */
const ABSENCES: Record<Exclude<Habit, 'stays'>, { readonly everyMs: number; readonly range: readonly [number, number] }> = {
  commutes: { everyMs: 20_000, range: [300, 15_000] },
  restarts: { everyMs: 15_000, range: [100, 10_000] },
  wanders: { everyMs: 8_000, range: [100, 6_000] },
};
const HABITS: readonly { readonly habit: Habit; readonly weight: number }[] = [
  { habit: 'stays', weight: 5 },
  { habit: 'commutes', weight: 2 },
  { habit: 'restarts', weight: 2 },
  { habit: 'wanders', weight: 1 },
];
/** Each so many-th person is subscribed to all channels, and polls. */
const LISTENS_TO_ALL = 15;
const POLLS = 5;
/** After this part of the run nobody goes away any more, so that all come back within it. */
const LAST_ABSENCE = 0.9;

/** Who does what and when, by the seed alone. */
export function planLoad({ seed, durationMs, clients, channels: count, ratePerSecond }: ChaosOptions): LoadPlan {
  const draw = new Draw(seed, 'load');
  const channels = Array.from({ length: count }, (_, index) => `room-${String(index + 1).padStart(2, '0')}`);
  const persons = Array.from({ length: clients }, (_, index) => person(index, channels, draw.part(`person ${index}`)));
  const meanMs = (clients * 1000) / ratePerSecond;
  const deeds = persons.flatMap((one, index) => {
    const own = draw.part(`deeds ${index}`);
    return deedsOf(index, one, { durationMs, meanMs }, own);
  });
  deeds.sort((a, b) => a.at - b.at || a.person - b.person);
  return { channels, persons, deeds, fingerprint: fingerprintOf(persons, deeds) };
}

function fingerprintOf(persons: readonly Person[], deeds: readonly Timed[]): string {
  const sum = createHash('sha1').update(JSON.stringify(persons));
  for (const deed of deeds) sum.update(JSON.stringify(deed));
  return sum.digest('hex').slice(0, 10);
}

function person(index: number, channels: readonly string[], draw: Draw): Person {
  const all = index % LISTENS_TO_ALL === LISTENS_TO_ALL - 1;
  const own = new Set<string>();
  const many = draw.whole(1, Math.min(4, channels.length));
  // The first channels are the lively ones.
  while (own.size < many) own.add(draw.weighted(channels, (name) => 1 / Math.sqrt(1 + channels.indexOf(name))) as string);
  return {
    name: `p${String(index + 1).padStart(2, '0')}`,
    transport: index % POLLS === POLLS - 1 ? 'longpoll' : 'websocket',
    channels: all ? channels : [...own],
  };
}

function deedsOf(
  index: number,
  { name, channels }: Person,
  { durationMs, meanMs }: { readonly durationMs: number; readonly meanMs: number },
  draw: Draw,
): Timed[] {
  const habit = draw.weighted(HABITS, ({ weight }) => weight)?.habit ?? 'stays';
  const absences = absencesOf(habit, channels, durationMs, draw.part('absences'));
  const deeds: Timed[] = [];
  const add = (at: number, deed: Deed) => deeds.push({ at: Math.round(at), person: index, deed });
  for (const { from, to, channel } of absences) {
    if (channel !== null) {
      add(from, { kind: 'leave', channel });
      add(to, { kind: 'join', channel });
    } else {
      add(from, { kind: habit === 'restarts' ? 'quit' : 'offline' });
      add(to, { kind: habit === 'restarts' ? 'return' : 'online' });
    }
  }
  let number = 0;
  for (let at = draw.exponential(meanMs); at < durationMs; at += draw.exponential(meanMs)) {
    const channel = draw.pick(channels) as string;
    const publish: Deed = {
      kind: 'publish',
      channel,
      id: `${name}-${++number}`,
      bytes: Math.round(draw.exponential(100)),
      retries: draw.chance(0.7) ? draw.whole(1, 4) : 0,
    };
    const isAway = habit === 'restarts' && absences.some(({ from, to }) => at >= from && at <= to);
    if (!isAway) add(at, publish);
  }
  return deeds;
}

interface Absence {
  readonly from: number;
  readonly to: number;
  /** Null: from all. */
  readonly channel: string | null;
}

function absencesOf(habit: Habit, channels: readonly string[], durationMs: number, draw: Draw): Absence[] {
  if (habit === 'stays') return [];
  const { everyMs, range } = ABSENCES[habit];
  const absences: Absence[] = [];
  const last = durationMs * LAST_ABSENCE;
  for (let from = draw.exponential(everyMs); from < last; from += draw.exponential(everyMs)) {
    const to = Math.min(from + draw.between(...range), durationMs);
    absences.push({ from, to, channel: habit === 'wanders' ? (draw.pick(channels) as string) : null });
    from = to;
  }
  return absences;
}
