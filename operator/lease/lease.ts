/**
 * Who may act on a fleet: of several operators one at a time (invariant I7). A holder must renew before its time is over;
 * one that was paused for longer finds that `holds` is false, before anybody else can have acquired it.
 */
export interface Lease {
  /** Becomes or stays the holder. Resolves to the fence of this tenure, or to `null` while another one holds it. Rejects when it can't be told. */
  acquire(now: number): Promise<Fence | null>;
  /** Whether the tenure with this fence is surely still valid at `now` (wall clock, ms). Does no IO: asked immediately before each action. */
  holds(fence: Fence, now: number): boolean;
  /** Gives it up, so that another one needn't wait. Does nothing when it isn't held. */
  release(): Promise<void>;
}

/** The number of a tenure; grows with each change of the holder. */
export type Fence = number;
