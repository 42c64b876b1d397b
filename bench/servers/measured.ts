import { answerQuestions } from '../rpc.ts';

/** Answers what is asked of a server that is measured: where it listens, its CPU time (s) and resident memory (bytes, after a collection where Node has --expose-gc). */
export function measured(listen: () => Promise<number>): void {
  answerQuestions({
    listen,
    cpu: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
    memory: () => {
      globalThis.gc?.();
      return process.memoryUsage.rss();
    },
  });
}
