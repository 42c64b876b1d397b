import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Each is a wake-up of a gateway that has nothing to do. */
const RESOLUTION_MS = 50;

/** How late the event loop turns. */
export interface EventLoopMonitor {
  /** The 99th percentile of its delay since the last call, ms. */
  takeP99(): number;
  start(): void;
  stop(): void;
}

/** Measures from its start to its stop. */
export function monitorEventLoop(): EventLoopMonitor {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  return {
    start: () => void histogram.enable(),
    takeP99() {
      // It counts from one look to the next, which are a resolution apart when nothing is late; empty, it says 0.
      const late = histogram.percentile(99) / 1e6 - RESOLUTION_MS;
      histogram.reset();
      return Math.max(0, Math.round(late * 100) / 100);
    },
    stop: () => void histogram.disable(),
  };
}
