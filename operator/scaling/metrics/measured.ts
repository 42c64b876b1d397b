/**
 * What is known of a metric, over all gateways:
 * - known: between `low` and `high`, because what isn't known of it may be anything. `at`: of when it is, wall clock, ms.
 * - old: nothing is known now, but it was a while ago (`value`; `null`: nothing was asked long enough yet).
 * - missing: nothing has been known for longer than a last good value counts.
 * - too-early: nobody could have told it yet; nothing is wrong.
 */
export type Measured =
  | { readonly kind: 'known'; readonly low: number; readonly high: number; readonly at: number; readonly remark: string | null }
  | { readonly kind: 'old'; readonly value: number | null; readonly at: number; readonly problem: string }
  | { readonly kind: 'missing'; readonly problem: string }
  | { readonly kind: 'too-early'; readonly why: string };

/** What asking for a metric has led to so far, when it isn't read from the gateways. */
export interface MetricReading {
  /** The metric's name. */
  readonly metric: string;
  /** Wall clock, ms. */
  readonly askedSince: number;
  /** The last good value, and when it was answered (wall clock, ms); `null` when there was none. */
  readonly good: { readonly value: number; readonly at: number } | null;
  /** Why the last question led to no value, in words; `null` when it did. */
  readonly problem: string | null;
}
