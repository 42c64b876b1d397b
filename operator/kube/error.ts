/** What went wrong, by what can be done about it. */
export type KubeErrorKind =
  | 'not-found'
  | 'already-exists'
  /** Somebody else changed the object, or owns the field, or it isn't the one that was meant. */
  | 'conflict'
  | 'forbidden'
  | 'unauthorized'
  | 'invalid'
  | 'quota'
  /** An admission webhook or policy said no, or couldn't be asked. */
  | 'refused-by-webhook'
  | 'too-many-requests'
  /** The API server can't be reached, or can't answer now. */
  | 'unavailable'
  | 'other';

interface KubeErrorOptions {
  readonly status: number;
  readonly kind: KubeErrorKind;
  readonly retryAfterMs?: number | null;
  readonly cause?: unknown;
}

/** A call to the API server that failed. The message is one line for people: what was tried, and what stood in its way. */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  /** The HTTP status; 0 when there was no answer. */
  readonly status: number;
  readonly kind: KubeErrorKind;
  /** How long the server asks to wait, ms. */
  readonly retryAfterMs: number | null;

  constructor(message: string, options: KubeErrorOptions) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.status = options.status;
    this.kind = options.kind;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}
