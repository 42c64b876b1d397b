/** Upper bounds of the buckets: from 1 ms on each is a tenth wider, up to about a minute. */
const BOUNDS = bounds();

/** Answers the 99th percentile since its last call, ms, at most a tenth too high; null when nothing was recorded. */
export interface P99 {
  takeP99(): number | null;
}

/** A histogram of latencies, ms: a few hundred bytes, one addition a value, read by its 99th percentile. */
export class Latency implements P99 {
  /** Since the start, modulo 2³². */
  readonly #counts = new Uint32Array(BOUNDS.length);
  readonly #own = this.reader();

  /** Negative values (clocks of two machines) count as 0. */
  record(ms: number): void {
    const bucket = ms <= 1 ? 0 : Math.min(BOUNDS.length - 1, Math.ceil(Math.log(ms) / Math.log(1.1)));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  takeP99(): number | null {
    return this.#own.takeP99();
  }

  /** For one more who asks, without the others hearing less: since the last call of that one. */
  reader(): P99 {
    const counts = this.#counts;
    const seen = counts.slice();
    return {
      takeP99() {
        const recorded = counts.map((count, bucket) => count - (seen[bucket] ?? 0));
        seen.set(counts);
        return p99Of(recorded);
      },
    };
  }
}

/** `recorded`: values by bucket. */
function p99Of(recorded: Uint32Array): number | null {
  const total = recorded.reduce((all, count) => all + count, 0);
  if (total === 0) return null;
  let left = Math.ceil(total * 0.99);
  const bucket = recorded.findIndex((count) => {
    left -= count;
    return left <= 0;
  });
  return BOUNDS[bucket] ?? null;
}

function bounds(): readonly number[] {
  const list: number[] = [];
  for (let ms = 1; ms < 60_000; ms *= 1.1) list.push(ms);
  return list;
}
