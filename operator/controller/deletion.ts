/** After the drain's own time is over, so much longer is waited for the last gateways to go, ms. */
const GRACE_MS = 60_000;
/** With `Immediate`: how long the gateways that are told to stop are waited for, ms. */
const IMMEDIATE_MS = 10_000;

/** What is known of a ChatCluster that is deleted. */
export interface Deletion {
  readonly policy: 'Drain' | 'Immediate';
  readonly drainTimeoutMs: number;
  /** `metadata.deletionTimestamp`, by the API server's clock, and now by ours; ms since 1970. */
  readonly deletedAt: number;
  readonly now: number;
  /** Since this process saw the deletion first, by a monotonic clock, ms. */
  readonly seenForMs: number;
  /** Gateways that are still there. */
  readonly gateways: number;
}

/** Whether the finalizer goes now, and why; else when to look again. */
export type DeletionStep =
  | { readonly kind: 'release'; readonly reason: 'empty' | 'overdue' }
  | { readonly kind: 'wait'; readonly leftMs: number };

/**
 * A ChatCluster goes when its last gateway has gone, and in any case when its time is over, by whichever clock says so first: what is left is then
 * removed by Kubernetes, and each gateway drains itself as on any other SIGTERM.
 */
export function deletionStep({ policy, drainTimeoutMs, deletedAt, now, seenForMs, gateways }: Deletion): DeletionStep {
  if (gateways === 0) return { kind: 'release', reason: 'empty' };
  const boundMs = policy === 'Immediate' ? IMMEDIATE_MS : drainTimeoutMs + GRACE_MS;
  const leftMs = boundMs - Math.max(now - deletedAt, seenForMs);
  return leftMs <= 0 ? { kind: 'release', reason: 'overdue' } : { kind: 'wait', leftMs };
}
