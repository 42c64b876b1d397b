import { setTimeout as sleep } from 'node:timers/promises';

const TICK_MS = 10;

/** How much is to be emitted. */
export interface Pace {
  /** A second. */
  readonly rate: number;
  readonly durationMs: number;
  /** What a late tick misses is left out: then all ticks emit the same, also on a busy machine. */
  readonly even?: boolean;
}

/** How many are due so long after the beginning, when so many were emitted. */
export function due({ rate, even = false }: Pace, elapsedMs: number, emitted: number): number {
  const missing = Math.floor((elapsedMs * rate) / 1_000) + 1 - emitted;
  return even ? Math.min(missing, Math.max(1, Math.round((rate * TICK_MS) / 1_000))) : missing;
}

/** Calls `emit` every 10 ms with how many are due; resolves to how many they were. */
export async function paced(pace: Pace, emit: (count: number) => void): Promise<number> {
  const start = performance.now();
  let emitted = 0;
  for (let now = start; now - start < pace.durationMs; now = performance.now()) {
    const count = due(pace, now - start, emitted);
    emit(count);
    emitted += count;
    await sleep(TICK_MS);
  }
  return emitted;
}
