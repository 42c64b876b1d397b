/** What a Pod has beyond its drain, for closing what is left and for ending, seconds. */
export const GRACE_MARGIN_SECONDS = 20;

/** The `terminationGracePeriodSeconds` of a gateway's Pod: a drain fits in. */
export function gracePeriodSeconds(drainTimeoutMs: number): number {
  return Math.ceil(drainTimeoutMs / 1_000) + GRACE_MARGIN_SECONDS;
}
