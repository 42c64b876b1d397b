/** Where the mover's time comes from. */
export interface Clock {
  /** Monotonic, ms. */
  now(): number;
  /** Calls `then` once, `ms` from now at the earliest, unless the returned function was called before. */
  after(ms: number, then: () => void): () => void;
}

/** The process's own clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, then) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};
