/** A channel's position counter: 1, 2, 3 … contiguous within one epoch. 0 is "before the first message". */
export type Offset = number & { readonly __brand: 'Offset' };

/** The life of a channel's history: it changes when the history starts anew, so that old offsets mean nothing any more. */
export type Epoch = string & { readonly __brand: 'Epoch' };

/**
 * A place in a channel's history: everything up to and including `offset` has been seen.
 * `digest` is the rolling hash of the message ids up to there; equal offsets with different digests
 * lie on different forks of the history. Only a broker makes positions; to all others they are opaque
 * but for two uses: `offset` orders positions of one epoch, and equality is `samePosition`.
 */
export interface Position {
  readonly epoch: Epoch;
  readonly offset: Offset;
  readonly digest: string;
}

/** Marks a number that a broker counted, or that came over the wire and was checked, as an offset. */
export const asOffset = (n: number): Offset => n as Offset;

/** Marks a string that a broker made, or that came over the wire and was checked, as an epoch. */
export const asEpoch = (s: string): Epoch => s as Epoch;

/** Whether both name the same place on the same line of history. */
export function samePosition(a: Position, b: Position): boolean {
  return a.offset === b.offset && a.epoch === b.epoch && a.digest === b.digest;
}

/** Checks a value that came over the wire; `null` when it is not a position. */
export function parsePosition(value: unknown): Position | null {
  if (typeof value !== 'object' || value === null) return null;
  const { epoch, offset, digest } = value as Record<string, unknown>;
  if (typeof epoch !== 'string' || epoch === '' || epoch.length > 64) return null;
  if (typeof offset !== 'number' || !Number.isSafeInteger(offset) || offset < 0) return null;
  if (typeof digest !== 'string' || digest.length > 64) return null;
  return { epoch: asEpoch(epoch), offset: asOffset(offset), digest };
}
