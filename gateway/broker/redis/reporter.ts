import type { Logger } from '../../logger.ts';
import { type BrokerTelemetry, countFailure } from '../telemetry.ts';
import type { Failure } from './failure.ts';

/** The same trouble at the same place is logged again after so long, ms. */
const AGAIN_MS = 30_000;

/** Counts every failure; logs one line of each kind and place, and again only after a while: an outage fails thousands of calls. */
export class Reporter {
  readonly #log: Logger;
  readonly #telemetry: BrokerTelemetry;
  readonly #now: () => number;
  readonly #loggedAt = new Map<string, number>();

  constructor(log: Logger, telemetry: BrokerTelemetry, now: () => number) {
    this.#log = log;
    this.#telemetry = telemetry;
    this.#now = now;
  }

  failed(place: string, { kind, text }: Failure): void {
    if (kind === 'ask' || kind === 'no-script') return;
    countFailure(this.#telemetry, kind);
    const loggedAt = this.#loggedAt.get(`${kind} ${place}`);
    if (loggedAt !== undefined && this.#now() - loggedAt < AGAIN_MS) return;
    this.#loggedAt.set(`${kind} ${place}`, this.#now());
    const log = kind === 'moved' ? this.#log.info : this.#log.warn;
    log.call(this.#log, { redis: place, kind }, `Redis at ${place}: ${text}`);
  }

  warn(place: string, text: string): void {
    this.#log.warn({ redis: place }, `Redis at ${place}: ${text}`);
  }

  /** Calls are answered again: the next trouble there is news. */
  healed(place: string, text: string): void {
    for (const key of this.#loggedAt.keys()) if (key.endsWith(` ${place}`)) this.#loggedAt.delete(key);
    this.#log.info({ redis: place }, `Redis at ${place}: ${text}`);
  }
}
