import { type CloseAction, closeAction } from '../protocol/close-codes.ts';

/** How a client's waits grow, ms. */
export interface Backoff {
  /** The first wait is a random time below this. */
  readonly baseMs: number;
  /** No wait is longer, but for a server's hint. */
  readonly maxMs: number;
}

/** Why a connection ended. */
export interface LinkEnd {
  /** A close code of the protocol; 1006 when the connection broke, or never opened. */
  readonly code: number;
  readonly reason: string;
  /** It had been open. */
  readonly opened: boolean;
  /** The server's hint, ms. */
  readonly retryAfterMs: number | null;
}

/** A server's hint is not followed further than this, ms. */
const LONGEST_HINT_MS = 600_000;

/** Exponential with full jitter: a random time below `baseMs` · 2^attempt, and below `maxMs`; `attempt` counts from 0, `random` is in [0, 1). */
export function jittered({ baseMs, maxMs }: Backoff, attempt: number, random: number): number {
  return random * Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 30));
}

/** What decides the wait before the next attempt. */
export interface Loss {
  readonly end: LinkEnd;
  /** Attempts that failed since the last stable connection. */
  readonly attempt: number;
  /** `connected.reconnectSpreadMs` of the connection that was lost; null when it had not come so far. */
  readonly spreadMs: number | null;
  /** How long it was tried in vain, ms: that counts as waited. 0 when a gateway answered. */
  readonly triedMs: number;
}

export type Decision = { readonly kind: 'give-up' } | { readonly kind: 'wait'; readonly delayMs: number; readonly hinted: boolean };

/** What to do after a connection ended: the server's hint, else its spread for the first attempt, else the back-off. */
export function afterLoss({ end, attempt, spreadMs, triedMs }: Loss, backoff: Backoff, random: number): Decision {
  const action: CloseAction = closeAction(end.code);
  if (action === 'give-up') return { kind: 'give-up' };
  if (end.retryAfterMs !== null) return { kind: 'wait', delayMs: Math.min(end.retryAfterMs, LONGEST_HINT_MS), hinted: true };
  if (action === 'reconnect' && attempt === 0 && spreadMs !== null) {
    return { kind: 'wait', delayMs: random * Math.min(spreadMs, LONGEST_HINT_MS), hinted: false };
  }
  return { kind: 'wait', delayMs: Math.max(0, jittered(backoff, attempt, random) - triedMs), hinted: false };
}

/** The hint in a close reason, `{"retryAfterMs": 1500}`; null when it has none. */
export function hintOf(reason: string): number | null {
  if (!reason.startsWith('{')) return null;
  try {
    return asHint((JSON.parse(reason) as Record<string, unknown>).retryAfterMs);
  } catch {
    return null;
  }
}

/** A hint that came over the wire; null when it is none. */
export function asHint(value: unknown): number | null {
  return typeof value === 'number' && value >= 0 ? value : null;
}
