import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Answer } from './rpc.ts';

/** A process of a benchmark that answers questions. */
export class BenchProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  #lastQuestion = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (answer: Answer) => {
      const waiting = this.#waiting.get(answer.n);
      this.#waiting.delete(answer.n);
      if ('error' in answer) waiting?.reject(new Error(answer.error));
      else waiting?.resolve(answer.value as never);
    });
    child.on('exit', (code, signal) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`${child.spawnfile} ended: ${code ?? signal}`));
      this.#waiting.clear();
    });
  }

  /** Starts `file` (relative to this folder) with Node's flags `execArgv`. */
  static start(file: string, execArgv: readonly string[] = []): BenchProcess {
    const path = fileURLToPath(new URL(file, import.meta.url));
    return new BenchProcess(fork(path, { execArgv: [...execArgv], serialization: 'advanced' }));
  }

  ask<T>(kind: string, argument: unknown = null): Promise<T> {
    const n = ++this.#lastQuestion;
    return new Promise((resolve, reject) => {
      this.#waiting.set(n, { resolve, reject });
      this.#child.send({ n, kind, argument });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}
