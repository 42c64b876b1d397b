import type { Broker, BrokerHealth } from './broker/broker.ts';
import type { Logger } from './logger.ts';

/** What a BrokerWatch needs. */
export interface BrokerWatchOptions {
  readonly broker: Pick<Broker, 'watchHealth'>;
  readonly log: Logger;
  /** Monotonic, ms. */
  readonly now: () => number;
}

/** Who hears of it. */
export interface BrokerWatchListener {
  /** The broker is away, for however short a time. */
  readonly away?: () => void;
  /** It is back: notifications may have been lost. */
  readonly returned?: () => void;
  /** Clients are to be told that the broker is degraded, or is so no more. */
  readonly degraded?: (degraded: boolean) => void;
}

/** An outage that is over sooner is no news for clients, ms. */
const NEWS_AFTER_MS = 1_000;

/**
 * What a gateway makes of its broker's health.
 * - unknown: nothing was told yet. → ok | away
 * - ok: → away
 * - away: after a second clients are told so, unless it has ended. → ok, and clients who were told are told that at once.
 * - closed: nobody is told anything any more.
 */
export class BrokerWatch {
  /** Resolves when the broker could be reached for the first time. */
  readonly reached: Promise<void>;
  readonly #options: BrokerWatchOptions;
  readonly #listeners: BrokerWatchListener[] = [];
  #state: 'unknown' | 'ok' | 'away' | 'closed' = 'unknown';
  #awaySince = 0;
  #degraded = false;
  #isReached = false;
  #timer: NodeJS.Timeout | null = null;
  #reach: () => void = () => {};

  constructor(options: BrokerWatchOptions) {
    this.#options = options;
    this.reached = new Promise((resolve) => {
      this.#reach = resolve;
    });
  }

  /** The broker could be reached once. */
  get isReached(): boolean {
    return this.#isReached;
  }

  get status(): 'ok' | 'degraded' {
    return this.#state === 'ok' ? 'ok' : 'degraded';
  }

  /** What clients are told: the broker has been away for a second and more. */
  get degraded(): boolean {
    return this.#degraded;
  }

  /** For how long the broker has been away, ms; 0 when it is not. */
  get awayMs(): number {
    return this.#state === 'away' ? this.#options.now() - this.#awaySince : 0;
  }

  listen(listener: BrokerWatchListener): void {
    this.#listeners.push(listener);
  }

  start(): void {
    this.#options.broker.watchHealth((health) => this.#hear(health));
  }

  close(): void {
    this.#state = 'closed';
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #hear(health: BrokerHealth): void {
    if (this.#state === 'closed') return;
    if (health.kind === 'degraded') this.#away(health.reason);
    else if (this.#state !== 'ok') this.#back();
  }

  #away(reason: string): void {
    this.#options.log.warn({ reason }, 'the broker is away: connections stay, what is missed follows when it is back');
    if (this.#state === 'away') return;
    this.#state = 'away';
    this.#awaySince = this.#options.now();
    this.#timer = setTimeout(() => this.#tell(true), NEWS_AFTER_MS);
    this.#timer.unref();
    for (const { away } of this.#listeners) away?.();
  }

  #back(): void {
    const { awayMs } = this;
    const wasAway = this.#state === 'away';
    this.#state = 'ok';
    this.#isReached = true;
    this.#reach();
    if (!wasAway) return;
    this.#options.log.info({ awayMs: Math.round(awayMs) }, 'the broker is back');
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const { returned } of this.#listeners) returned?.();
    if (this.#degraded) this.#tell(false);
  }

  #tell(degraded: boolean): void {
    this.#degraded = degraded;
    for (const listener of this.#listeners) listener.degraded?.(degraded);
  }
}
