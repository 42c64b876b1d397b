import type { Position } from '../../protocol/position.ts';
import type { StoredMessage } from '../broker/broker.ts';
import { type HubContext, logFailure, pause } from './context.ts';

/** What a filling needs of its channel. */
export interface FillView {
  readonly name: string;
  /** All up to here is with the audience. */
  readonly head: Position;
  /** Takes in the message right after the head. */
  accept(message: StoredMessage): void;
  /** Goes on elsewhere, and tells the audience that what lies between can't be had. */
  skip(from: Position, to: Position): void;
  /** Takes in what came live meanwhile and follows. True when nothing that is new is left of it. */
  joinHeld(): boolean;
}

/** How long the history is waited for when it doesn't show (yet) what live delivery told of, ms. */
const PAUSES_MS = [20, 100, 500, 1_000];
const MAX_BACK_OFF_MS = 5_000;
/** A broker that answers so many reads in a row with a gap is not asked again at once. */
const MAX_GAPS = 3;

/**
 * Reads the history from the channel's head on, until what came live meanwhile joins it, or the history has not shown it for a second
 * and more: then it was lost before anyone saw it. Goes on through outages of the broker as long as `isCurrent`.
 */
export async function fillHole(view: FillView, context: HubContext, isCurrent: () => boolean): Promise<void> {
  const { signal, random } = context;
  let failures = 0;
  let pauses = 0;
  let gaps = 0;
  for (;;) {
    const read = await readOn(view, context, isCurrent);
    if (!isCurrent()) return;
    gaps = read === 'gap' ? gaps + 1 : 0;
    if (read === 'failed' || gaps > MAX_GAPS) {
      await pause(Math.min(MAX_BACK_OFF_MS, 100 * 2 ** failures++) * (0.5 + random() / 2), signal);
      if (!isCurrent()) return;
      continue;
    }
    failures = 0;
    if (read === 'more' || read === 'gap') continue;
    if (view.joinHeld()) return;
    if (read === 'some') pauses = 0;
    const ms = PAUSES_MS[pauses++];
    if (ms === undefined) return;
    await pause(ms, signal);
    if (!isCurrent()) return;
  }
}

/** Takes in a page of the history from the head on, or the gap in its place. */
async function readOn(view: FillView, context: HubContext, isCurrent: () => boolean): Promise<'failed' | 'gap' | 'more' | 'some' | 'none'> {
  const { broker, counters, log, pageMessages } = context;
  const from = view.head;
  counters.historyReads++;
  try {
    const result = await broker.read(view.name, from, pageMessages);
    if (!isCurrent()) return 'none';
    if (result.kind === 'gap') {
      log.info({ channel: view.name, reason: result.reason, from, to: result.to }, 'messages can no longer be delivered');
      if (result.reason === 'fork') counters.forks++;
      view.skip(from, result.to);
      return 'gap';
    }
    for (const message of result.messages) view.accept(message);
    if (result.messages.length === 0) return 'none';
    counters.holesFilled++;
    return result.messages.length >= pageMessages ? 'more' : 'some';
  } catch (error) {
    logFailure(context, view.name, error, 'a hole could not be filled, it is tried again');
    return 'failed';
  }
}
