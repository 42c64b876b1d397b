import type { LimitSources, ScalingSpec } from '../../api/spec.ts';
import { DAY } from './cron.ts';
import { afterText, type Window, windowsOf, windowText } from './windows.ts';

/** The part of a spec that limits are made of. */
export type Limiting = Pick<ScalingSpec, 'minReplicas' | 'maxReplicas' | 'schedules'> & {
  readonly scaleDown: Pick<ScalingSpec['scaleDown'], 'stabilizationMs'>;
};

/** The least and the most gateways at some instant, and where they come from. */
export interface ScheduledLimits extends LimitSources {
  readonly minReplicas: number;
  readonly maxReplicas: number;
}

/** Who sets a limit: a window, or the spec itself; and since which change of the timeline. */
interface Limit {
  readonly replicas: number;
  readonly window: Window | null;
  readonly since: number;
}

/** Windows are searched for so far ahead at a time, ms. */
const AHEAD = DAY;

/**
 * The limits of one spec over time. Of the schedules that are active and say so the largest minReplicas counts and the largest maxReplicas, in place of the
 * spec's; should the least be above the most, it is the most too. What rises within the lead (ms) counts already, also when it is the spec's that comes back.
 * What falls counts for the window of a scale-down still, as every number that was needed does.
 *
 * Answers depend on `now` and the lead alone: what is kept between calls only spares the search for the next change.
 */
export class Timeline {
  readonly #spec: Limiting;
  #from = 0;
  #to = 0;
  #windows: readonly Window[] = [];
  /** When anything changes in [#from, #to), ascending; the first is #from. */
  #changes: readonly number[] = [];
  #last: { readonly past: number; readonly begin: number; readonly end: number; readonly limits: ScheduledLimits } | null = null;

  constructor(spec: Limiting) {
    this.#spec = spec;
  }

  /** The limits in force. O(log of the changes in a day) until something changes. */
  at(now: number, leadMs: number): ScheduledLimits {
    const since = now - this.#spec.scaleDown.stabilizationMs;
    if (since < this.#from || now + leadMs >= this.#to) this.#look(since, now + leadMs + AHEAD);
    const past = this.#changeBefore(since);
    const begin = this.#changeBefore(now);
    const end = this.#changeBefore(now + leadMs);
    const last = this.#last;
    if (last?.past === past && last.begin === begin && last.end === end) return last.limits;
    const limits = this.#limits(now, past, begin, end);
    this.#last = { past, begin, end, limits };
    return limits;
  }

  #look(from: number, to: number): void {
    this.#windows = this.#spec.schedules.flatMap((schedule) => windowsOf(schedule, from, to));
    const inside = this.#windows.flatMap(({ start, end }) => [start, end]).filter((at) => at > from && at < to);
    this.#changes = [...new Set([from, ...inside])].sort((a, b) => a - b);
    [this.#from, this.#to, this.#last] = [from, to, null];
  }

  /** The index of the last change that isn't after `at`. */
  #changeBefore(at: number): number {
    let [low, high] = [0, this.#changes.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#changes[middle] ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #limits(now: number, past: number, begin: number, end: number): ScheduledLimits {
    const active = this.#activeAt(now);
    let { min, max } = this.#limitsOf(active, now);
    for (const change of [...this.#changes.slice(begin + 1, end + 1), ...this.#changes.slice(past, begin)]) {
      const other = this.#limitsOf(this.#activeAt(change), change);
      if (other.min.replicas > min.replicas) min = other.min;
      if (other.max.replicas > max.replicas) max = other.max;
    }
    return {
      minReplicas: min.replicas,
      maxReplicas: max.replicas,
      active: [...new Set(active.map(({ schedule }) => schedule.name))],
      minBy: this.#reason(min, now),
      maxBy: this.#reason(max, now),
    };
  }

  #activeAt(at: number): readonly Window[] {
    return this.#windows.filter(({ start, end }) => start <= at && at < end);
  }

  #limitsOf(active: readonly Window[], since: number): { readonly min: Limit; readonly max: Limit } {
    const min = largest(active, 'minReplicas', since) ?? { replicas: this.#spec.minReplicas, window: null, since };
    const max = largest(active, 'maxReplicas', since) ?? { replicas: this.#spec.maxReplicas, window: null, since };
    return { min, max: max.replicas < min.replicas ? min : max };
  }

  #reason({ window, since }: Limit, now: number): string | null {
    if (window !== null) return windowText(window, now);
    // The spec's own, which comes back when a window ends.
    const over = since > now ? this.#windows.find(({ end }) => end === since) : undefined;
    return over === undefined ? null : afterText(over);
  }
}

/** The largest of what the windows say, if any does; of equal ones the one that lasts longest. */
function largest(windows: readonly Window[], field: 'minReplicas' | 'maxReplicas', since: number): Limit | null {
  let best: Limit | null = null;
  for (const window of windows) {
    const replicas = window.schedule[field];
    if (replicas === null) continue;
    const isMore = best === null || replicas > best.replicas || (replicas === best.replicas && window.end > (best.window?.end ?? 0));
    if (isMore) best = { replicas, window, since };
  }
  return best;
}
