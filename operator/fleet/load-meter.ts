import type { GatewayStatus } from '../../protocol/admin.ts';
import { type GatewayLoad, LOAD_WINDOW_MS } from './fleet.ts';

/** Between two readings that are kept, ms: commands are answered with a status too, sometimes many in a second. */
const LEAST_GAP_MS = 400;
/** The latest figures are of at least this time, ms: a look comes a tenth sooner or later than each second. */
const LATEST_MS = 900;

type Counted = Pick<
  GatewayStatus,
  'connections' | 'acceptedTotal' | 'migratedTotal' | 'publishedTotal' | 'deliveredTotal' | 'cpuMs' | 'eventLoopDelayMs'
>;

interface Reading {
  readonly at: number;
  readonly status: Counted;
}

/** Tells how much a gateway does, from what its statuses count. It is for one process: another one counts from 0. */
export class LoadMeter {
  #readings: readonly Reading[] = [];
  #worstDelay = 0;
  /** `null`: to be worked out. */
  #load: GatewayLoad | null = null;

  /** `now`: a monotonic clock, ms. */
  observe(status: Counted, now: number): void {
    const last = this.#readings.at(-1);
    this.#worstDelay = Math.max(this.#worstDelay, status.eventLoopDelayMs);
    if (last !== undefined && now - last.at < LEAST_GAP_MS) return;
    const { connections, acceptedTotal, migratedTotal, publishedTotal, deliveredTotal, cpuMs } = status;
    const counted = {
      connections,
      acceptedTotal,
      migratedTotal,
      publishedTotal,
      deliveredTotal,
      cpuMs,
      eventLoopDelayMs: this.#worstDelay,
    };
    this.#worstDelay = 0;
    // One that is older stays, for the time from there.
    const first = this.#readings.findLastIndex(({ at }) => at <= now - LOAD_WINDOW_MS);
    this.#readings = [...this.#readings.slice(Math.max(0, first)), { at: now, status: counted }];
    this.#load = null;
  }

  /** Over the last seconds; `null` until there are two statuses. */
  get load(): GatewayLoad | null {
    this.#load ??= this.#workedOut();
    return this.#load;
  }

  #workedOut(): GatewayLoad | null {
    const [first, ...rest] = this.#readings;
    const last = rest.at(-1);
    if (first === undefined || last === undefined) return null;
    const seconds = (last.at - first.at) / 1000;
    const rate = (count: (status: Counted) => number): number => (count(last.status) - count(first.status)) / seconds;
    const before = this.#readings.findLast(({ at }) => at <= last.at - LATEST_MS) ?? first;
    const accepted = last.status.acceptedTotal - before.status.acceptedTotal;
    // Who was asked to move may not have gone yet.
    const moved = last.status.migratedTotal - before.status.migratedTotal;
    const gone = accepted - (last.status.connections - before.status.connections) - moved;
    const latestSeconds = (last.at - before.at) / 1000;
    return {
      acceptsPerSecond: rate(({ acceptedTotal }) => acceptedTotal),
      latestAcceptsPerSecond: accepted / latestSeconds,
      latestLeavesPerSecond: Math.max(0, gone) / latestSeconds,
      movesPerSecond: rate(({ migratedTotal }) => migratedTotal),
      messagesPerSecond: rate(({ publishedTotal, deliveredTotal }) => publishedTotal + deliveredTotal),
      eventLoopDelayMs: rest.reduce((sum, { status }) => sum + status.eventLoopDelayMs, 0) / rest.length,
      cpuCores: rate(({ cpuMs }) => cpuMs) / 1000,
    };
  }
}
