import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 25;

/** Asks again and again until the answer is something; a look that fails counts as none. Rejects after `timeoutMs` with what was waited for and what failed last. `pauseMs`: between two looks. */
export async function until<T>(what: string, timeoutMs: number, look: () => Promise<T | undefined>, pauseMs = PAUSE_MS): Promise<T> {
  const end = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined) return found;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) {
      const why = last === undefined ? '' : `: ${last instanceof Error ? last.message : last}`;
      throw new Error(`Not within ${timeoutMs} ms: ${what}${why}`);
    }
    await sleep(pauseMs);
  }
}
