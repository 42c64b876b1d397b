/** How long to wait before trying again: longer each time, and never for two that failed together the same. */
export class Backoff {
  readonly #firstMs: number;
  readonly #mostMs: number;
  #tries = 0;

  constructor({ firstMs, mostMs }: { readonly firstMs: number; readonly mostMs: number }) {
    this.#firstMs = firstMs;
    this.#mostMs = mostMs;
  }

  /** ms; at least what the server asked for. */
  next(retryAfterMs: number | null = null): number {
    const most = Math.min(this.#mostMs, this.#firstMs * 2 ** this.#tries);
    this.#tries += 1;
    return jittered(most) + (retryAfterMs ?? 0);
  }

  reset(): void {
    this.#tries = 0;
  }
}

/** Somewhere between half and all of it. */
export function jittered(ms: number): number {
  return ms * (0.5 + Math.random() / 2);
}
