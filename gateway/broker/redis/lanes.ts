import type { Stored } from '../broker.ts';
import type { Keys } from './keys.ts';

/** A message that is to be stored. */
export interface Waiting {
  readonly id: string;
  readonly rest: string;
  /** Monotonic, ms. */
  readonly deadline: number;
  readonly resolve: (stored: Stored) => void;
  readonly reject: (error: Error) => void;
  /** Answered, or its time is over. */
  settled: boolean;
}

/** One channel's publishes: what was called first is stored first, so one script of it is under way at a time. */
export interface Lane {
  readonly keys: Keys;
  waiting: Waiting[];
  underWay: readonly Waiting[];
  /** Why the last script failed; null when it did not. */
  trouble: string | null;
  /** Scripts that failed one after the other. */
  attempt: number;
}

/** What one script stores in one channel. */
export interface Batch {
  readonly lane: Lane;
  readonly messages: readonly Waiting[];
}

/** Messages that one script stores at most, and characters: a script blocks the server. */
const SCRIPT = { messages: 64, characters: 262_144 } as const;

/** What is left of a script. */
interface Room {
  messages: number;
  characters: number;
}

const wholeScript = (): Room => ({ ...SCRIPT });

/**
 * Takes the first messages of each lane that still wait: for each script the batches that it stores. A lane gives one batch, so that its next follows this
 * one's answer. `isShared`: whether a script may store in several channels. Lanes that had nothing left to give have nothing under way.
 */
export function takeBatches(lanes: readonly Lane[], isShared: boolean): readonly (readonly Batch[])[] {
  const scripts: Batch[][] = [];
  let script: Batch[] = [];
  let room = wholeScript();
  for (const lane of lanes) {
    let messages = take(lane, room, script.length === 0);
    if (messages.length === 0 && lane.waiting.length > 0) {
      script = [];
      room = wholeScript();
      messages = take(lane, room, true);
    }
    lane.underWay = messages;
    if (messages.length === 0) continue;
    if (script.length === 0) scripts.push(script);
    script.push({ lane, messages });
    if (isShared) continue;
    script = [];
    room = wholeScript();
  }
  return scripts;
}

/** As many as there is room for; the very first of a script always. */
function take(lane: Lane, room: Room, isFirst: boolean): readonly Waiting[] {
  const batch: Waiting[] = [];
  let taken = 0;
  for (const one of lane.waiting) {
    const isNeeded = isFirst && batch.length === 0;
    if (!one.settled && !isNeeded && (room.messages < 1 || room.characters < one.rest.length)) break;
    taken++;
    if (one.settled) continue;
    batch.push(one);
    room.messages -= 1;
    room.characters -= one.rest.length;
  }
  lane.waiting = lane.waiting.slice(taken);
  return batch;
}

/** Tells the publisher, unless it was answered already. */
export function reject(one: Waiting, error: Error): void {
  if (one.settled) return;
  one.settled = true;
  one.reject(error);
}
