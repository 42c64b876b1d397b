import { KubeError } from '../../kube/error.ts';

const FIRST_MS = 1_000;
const MOST_MS = 60_000;

/** What is wrong with creating, as long as it is. */
interface Pause {
  readonly until: number;
  readonly ms: number;
  readonly why: string;
}

/**
 * Keeps from asking for gateways again and again while the API server says no: a quota is used up, a webhook refuses, a right is missing. The pause doubles
 * from 1 s to a minute with each refusal that comes after it; while the API server is away it stays at 1 s.
 */
export class CreationPause {
  #pause: Pause | null = null;

  /** Why nothing is to be created now; `null` when it may be tried. `now`: monotonic, ms. */
  refusal(now: number): string | null {
    const pause = this.#pause;
    if (pause === null || now >= pause.until) return null;
    return `${pause.why}; tried again in ${Math.ceil((pause.until - now) / 1000)} s`;
  }

  /** What was said the last time, until one was created again. */
  get problem(): string | null {
    return this.#pause === null ? null : `no gateway can be created: ${this.#pause.why}`;
  }

  failed(error: unknown, now: number): void {
    const isAway = error instanceof KubeError && error.kind === 'unavailable';
    const before = this.#pause?.ms ?? 0;
    const ms = isAway || before === 0 ? FIRST_MS : Math.min(MOST_MS, before * 2);
    const asked = error instanceof KubeError ? (error.retryAfterMs ?? 0) : 0;
    this.#pause = { until: now + Math.max(ms, asked), ms, why: error instanceof Error ? error.message : String(error) };
  }

  /** One was created, or what is created changed. */
  reset(): void {
    this.#pause = null;
  }
}
