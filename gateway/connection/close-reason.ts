/** The reason in a close frame: JSON with `retryAfterMs`, or nothing. */
export function closeReason(retryAfterMs: number | undefined): string {
  return retryAfterMs === undefined ? '' : JSON.stringify({ retryAfterMs: Math.ceil(retryAfterMs) });
}
