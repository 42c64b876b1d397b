import { setTimeout as sleep } from 'node:timers/promises';

const TICK_MS = 10;

/** Calls `emit` every 10 ms with how many are due by then, so that `rate` a second come for `durationMs`; resolves to how many they were. */
export async function paced(rate: number, durationMs: number, emit: (count: number) => void): Promise<number> {
  const start = performance.now();
  let emitted = 0;
  for (let now = start; now - start < durationMs; now = performance.now()) {
    const due = Math.floor(((now - start) * rate) / 1_000) + 1 - emitted;
    emit(due);
    emitted += due;
    await sleep(TICK_MS);
  }
  return emitted;
}
