/** What a gateway counts on its hot paths: plain numbers, read by the metrics when they are scraped. */
export interface Counters {
  /** Publishes acknowledged to clients. */
  published: number;
  /** Messages written to connections. */
  delivered: number;
  /** Client messages of any kind. */
  received: number;
  /** Subscribes with a position that went on exactly there. */
  recovered: number;
  /** Subscribes with a position that were answered by a gap. */
  resumeGaps: number;
  /** Gaps told to clients. */
  gaps: number;
  /** Lost tails of a channel's history that were found, however many clients each concerns. */
  forks: number;
  /** Holes in live delivery that were filled from the history. */
  holesFilled: number;
  /** History reads that the broker was asked for. */
  historyReads: number;
  /** Connections closed because they read too slowly. */
  slowConsumers: number;
  /** Messages refused by a rate limit. */
  rateLimited: number;
}

export const newCounters = (): Counters => ({
  published: 0,
  delivered: 0,
  received: 0,
  recovered: 0,
  resumeGaps: 0,
  gaps: 0,
  forks: 0,
  holesFilled: 0,
  historyReads: 0,
  slowConsumers: 0,
  rateLimited: 0,
});
