import { answerQuestions } from '../rpc.ts';

/** CPU time of this process, s. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/**
 * Answers what is asked of a server that is measured: where it listens (with what it must know for that), its CPU time (s) and resident memory
 * (bytes, after a collection where Node has --expose-gc); and `more`.
 */
export function measured<T>(listen: (argument: T) => Promise<number>, more: Record<string, (argument: never) => unknown> = {}): void {
  answerQuestions({
    listen,
    cpu: cpuSeconds,
    memory: () => {
      globalThis.gc?.();
      return process.memoryUsage.rss();
    },
    ...more,
  });
}
