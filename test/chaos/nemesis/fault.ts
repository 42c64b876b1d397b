import type { Draw } from '../draw.ts';

/** Faults of one lane come one after the other; those of different lanes overlap. */
export type Lane = 'gateways' | 'servers' | 'links';

/** What a plan must know of a fault. */
export interface FaultKind {
  /** For people: `kill a gateway`. */
  readonly name: string;
  readonly lane: Lane;
  /** How often it is drawn, beside the others of its lane. */
  readonly weight: number;
  /** How long it lasts, ms. */
  readonly lasts: readonly [number, number];
}

/** A fault that goes on. */
export interface Ongoing {
  /** To what it happens, for people. */
  readonly target: string;
  /** Ends it, and resolves when what it did is healed, as far as it has to be before the next one of its lane. */
  end(): Promise<void>;
}

/** A fault in a world of this kind. */
export interface Fault<W> extends FaultKind {
  /** Begins it; null when there is nothing that it could be done to. It is ended after `lastsMs`, or before when the run ends. */
  start(world: W, draw: Draw, lastsMs: number): Promise<Ongoing | null>;
}
