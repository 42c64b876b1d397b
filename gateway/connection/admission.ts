/**
 * Whether this gateway takes one more connection now.
 * - `accept`: yes.
 * - `accept-and-migrate`: it is cordoned, but the client found it all the same (labels, endpoints and proxies forget it at
 *   different times): serve it, and ask it to move on at once.
 * - `refuse`: full, or above the accept rate; come back after `retryAfterMs` (jitter included).
 */
export type AdmissionResult =
  | { readonly kind: 'accept' }
  | { readonly kind: 'accept-and-migrate' }
  | { readonly kind: 'refuse'; readonly retryAfterMs: number };

export interface Admission {
  /** Decides, and counts the connection when it is admitted. */
  admit(): AdmissionResult;
  /** For `connected`: after a crash, this gateway's clients come back spread over this time (connections / accept rate), ms. */
  reconnectSpreadMs(): number;
}
