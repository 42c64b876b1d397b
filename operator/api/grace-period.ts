/** What a Pod has beyond its drain, seconds: the gateway then closes what is left within 10 s and waits up to 6 s for the slowest goodbyes. */
export const GRACE_MARGIN_SECONDS = 20;

/** The `terminationGracePeriodSeconds` of a gateway's Pod: a drain fits in. */
export function gracePeriodSeconds(drainTimeoutMs: number): number {
  return Math.ceil(drainTimeoutMs / 1_000) + GRACE_MARGIN_SECONDS;
}
