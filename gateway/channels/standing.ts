import { type Position, samePosition } from '../../protocol/position.ts';
import type { ReadResult } from '../broker/broker.ts';
import type { Tail } from './tail.ts';

/**
 * Where a wanted position stands to what this gateway knows of the channel.
 * - `join`: the tail goes on right after it.
 * - `fork`: the tail shows another message at its offset.
 * - `ahead`: same epoch, beyond what this gateway has been told: only the broker knows.
 * - `read`: older than the tail, or of another epoch: only the broker knows.
 */
export type Standing = 'join' | 'fork' | 'ahead' | 'read';

/** See `Standing`. */
export function standing(position: Position, head: Position, tail: Tail): Standing {
  if (position.epoch !== head.epoch) return 'read';
  if (position.offset > head.offset) return 'ahead';
  const ours = tail.at(position.offset);
  if (ours === null) return 'read';
  return samePosition(ours, position) ? 'join' : 'fork';
}

/** What a read of the broker from one position says about another. */
export type Verdict =
  /** Nothing: it must be asked for by itself. */
  | { readonly kind: 'unknown' }
  /** `fork`: it lies on a line whose tail the broker has lost. */
  | { readonly kind: 'gap'; readonly to: Position; readonly fork: boolean }
  /** The messages of the read go on right after it, from this index. */
  | { readonly kind: 'messages'; readonly index: number };

type Gap = ReadResult & { readonly kind: 'gap' };

const UNKNOWN: Verdict = { kind: 'unknown' };

/**
 * Applies one read's answer to any waiting position, so that one read serves all who want what it holds, and all whom it refuses.
 * `newest`: the newest position that this gateway knows of, where those go on who were on a lost fork.
 */
export function verdict(position: Position, from: Position, result: ReadResult, newest: Position): Verdict {
  if (samePosition(position, from)) {
    return result.kind === 'gap' ? gapOf(result) : { kind: 'messages', index: 0 };
  }
  if (result.kind === 'gap') return sameGap(position, from, result) ? gapOf(result) : UNKNOWN;
  if (position.epoch !== from.epoch) return UNKNOWN;
  const index = position.offset - from.offset;
  if (index === 0) return { kind: 'gap', to: newest, fork: true };
  const at = result.messages[index - 1];
  if (index < 0 || at === undefined) return UNKNOWN;
  return at.position.digest === position.digest ? { kind: 'messages', index } : { kind: 'gap', to: newest, fork: true };
}

function gapOf({ to, reason }: Gap): Verdict {
  return { kind: 'gap', to, fork: reason === 'fork' };
}

function sameGap(position: Position, from: Position, result: Gap): boolean {
  switch (result.reason) {
    case 'trimmed':
      return position.epoch === from.epoch && position.offset < result.to.offset;
    case 'epoch':
      return position.epoch !== result.to.epoch;
    case 'fork':
      return false;
  }
}

/** Of the positions that need a read, the one whose read serves most: the oldest of the current epoch, else any. */
export function readFirst(positions: Iterable<Position>, epoch: string): Position | null {
  let first: Position | null = null;
  for (const position of positions) {
    const better = first === null || (position.epoch === epoch && (first.epoch !== epoch || position.offset < first.offset));
    if (better) first = position;
  }
  return first;
}
