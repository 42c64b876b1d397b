import type { GatewayStatus } from '../../protocol/admin.ts';

/** Shorter than a scrape's interval: what commands are answered with between two scrapes falls into the same window, ms. */
const WINDOW_MS = 900;

/** What a gateway's statuses tell only together: how fast it moves connections, and its delivery latency (each status tells of the time since the last). */
export class Figures {
  #since: { readonly at: number; readonly migratedTotal: number } | null = null;
  #worst: number | null = null;
  /** Connections asked to move per second, lately. */
  movedPerSecond = 0;
  /** 99th percentile, lately, ms; `null` without messages. */
  deliveryLatencyMs: number | null = null;

  /** `now`: a monotonic clock, ms. */
  observe({ migratedTotal, deliveryLatencyMs }: Pick<GatewayStatus, 'migratedTotal' | 'deliveryLatencyMs'>, now: number): void {
    if (deliveryLatencyMs !== null) this.#worst = Math.max(this.#worst ?? 0, deliveryLatencyMs);
    const since = this.#since;
    if (since !== null && now - since.at < WINDOW_MS) return;
    if (since !== null) this.movedPerSecond = ((migratedTotal - since.migratedTotal) * 1000) / (now - since.at);
    this.deliveryLatencyMs = this.#worst;
    this.#worst = null;
    this.#since = { at: now, migratedTotal };
  }
}

/** What all gateways have done lately: connections asked to move per second, and the worst delivery latency (ms, 99th percentile) of any; `null` without messages. */
export function figuresOfAll(
  all: readonly Pick<Figures, 'movedPerSecond' | 'deliveryLatencyMs'>[],
): Pick<Figures, 'movedPerSecond' | 'deliveryLatencyMs'> {
  const latencies = all.flatMap(({ deliveryLatencyMs }) => deliveryLatencyMs ?? []);
  return {
    movedPerSecond: all.reduce((sum, { movedPerSecond }) => sum + movedPerSecond, 0),
    deliveryLatencyMs: latencies.length === 0 ? null : Math.max(...latencies),
  };
}
