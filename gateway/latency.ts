/** Upper bounds of the buckets: from 1 ms on each is a tenth wider, up to about a minute. */
const BOUNDS = bounds();

/** A histogram of latencies, ms: a few hundred bytes, one addition a value, read by its 99th percentile. */
export class Latency {
  readonly #counts = new Uint32Array(BOUNDS.length);
  #total = 0;

  /** Negative values (clocks of two machines) count as 0. */
  record(ms: number): void {
    const bucket = ms <= 1 ? 0 : Math.min(BOUNDS.length - 1, Math.ceil(Math.log(ms) / Math.log(1.1)));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total++;
  }

  /** The 99th percentile since the last call, ms, at most a tenth too high; null when nothing was recorded. */
  takeP99(): number | null {
    if (this.#total === 0) return null;
    let left = Math.ceil(this.#total * 0.99);
    let bucket = 0;
    while (bucket < BOUNDS.length - 1) {
      left -= this.#counts[bucket] ?? 0;
      if (left <= 0) break;
      bucket++;
    }
    this.#counts.fill(0);
    this.#total = 0;
    return BOUNDS[bucket] ?? null;
  }
}

function bounds(): readonly number[] {
  const list: number[] = [];
  for (let ms = 1; ms < 60_000; ms *= 1.1) list.push(ms);
  return list;
}
