import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Checker } from './checker.ts';
import { monotonicMs } from './clock.ts';
import { moduleUrl } from './module-url.ts';
import { ObservationReader } from './observations.ts';
import { type LoadOptions, threadsFor } from './options.ts';
import { channelOf, type FromThread, isSlow, type ThreadSettings, type ToThread } from './thread.ts';
import type { Verdict } from './verdict.ts';

/** What a run tells while it goes on. */
export interface Progress extends ReturnType<Checker['progress']> {
  readonly phase: 'running' | 'settling';
  readonly clients: number;
  readonly elapsedMs: number;
  readonly durationMs: number;
}

/** Threads that don't begin by themselves are not waited for any longer, ms. */
const BEGIN_MS = 30_000;
/** Once all is there, so much longer is listened for what should not come, ms. */
const ECHO_MS = 500;
/** Threads that don't stop by themselves are stopped, ms. */
const END_MS = 5000;

/**
 * Runs clients against a cluster and judges what they saw. `signal` ends it early, with the verdict so far; what is under way then has its time all the
 * same, for a client that was cut off is not known to be so before it has noticed itself.
 * Rejects when a thread fails; every wait in it is bounded.
 */
export async function runLoad(options: LoadOptions, signal: AbortSignal, tell: (progress: Progress) => void): Promise<Verdict> {
  const run = new LoadRun(options, tell);
  try {
    return await run.judge(signal);
  } finally {
    await run.stop();
  }
}

class LoadRun {
  readonly #options: LoadOptions;
  readonly #tell: (progress: Progress) => void;
  readonly #checker: Checker;
  readonly #threads: Worker[] = [];
  readonly #begun = new Set<number>();
  readonly #quiet: boolean[] = [];
  readonly #failed = new AbortController();
  readonly #startedAt = monotonicMs();

  constructor(options: LoadOptions, tell: (progress: Progress) => void) {
    this.#options = options;
    this.#tell = tell;
    this.#checker = new Checker(
      Array.from({ length: options.clients }, (_, client) => ({
        channel: channelOf(client, options.channels),
        slow: isSlow(client, options),
      })),
    );
  }

  async judge(signal: AbortSignal): Promise<Verdict> {
    this.#start();
    await this.#until(BEGIN_MS, 'running', () => signal.aborted || this.#begun.size === this.#threads.length);
    await this.#until(this.#options.durationMs, 'running', () => signal.aborted);
    this.#toAll({ kind: 'settle' });
    await this.#until(this.#options.settleMs, 'settling', () => this.#settled());
    if (this.#settled()) await this.#until(ECHO_MS, 'settling', () => false);
    const at = this.#elapsed();
    await this.#end();
    return this.#checker.verdict(at);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }

  #start(): void {
    const threads = threadsFor(this.#options.clients);
    const run = randomBytes(6).toString('base64url');
    for (let thread = 0; thread < threads; thread++) {
      const settings: ThreadSettings = { run, options: this.#options, thread, threads, startedAt: this.#startedAt };
      this.#quiet[thread] = false;
      const worker = new Worker(moduleUrl('worker', import.meta.url), { workerData: settings });
      const reader = new ObservationReader(this.#checker);
      worker.on('message', (message: FromThread) => {
        if (message.kind !== 'batch') return;
        reader.read(message.batch);
        this.#begun.add(thread);
        this.#quiet[thread] = message.quiet;
      });
      worker.on('error', (error) => this.#failed.abort(error));
      this.#threads.push(worker);
    }
  }

  /** Waits for `done`, at most `boundMs`; tells the progress meanwhile. */
  async #until(boundMs: number, phase: Progress['phase'], done: () => boolean): Promise<void> {
    const end = monotonicMs() + boundMs;
    while (!done()) {
      this.#failed.signal.throwIfAborted();
      const left = end - monotonicMs();
      if (left <= 0) return;
      await delay(Math.min(left, 200));
      const { clients, durationMs } = this.#options;
      this.#tell({ ...this.#checker.progress(), phase, clients, elapsedMs: this.#elapsed(), durationMs });
    }
  }

  #settled(): boolean {
    return this.#quiet.every((quiet) => quiet) && this.#checker.connections.away === 0 && this.#checker.missing().lost === 0;
  }

  #toAll(message: ToThread): void {
    for (const thread of this.#threads) thread.postMessage(message);
  }

  async #end(): Promise<void> {
    const exits = this.#threads.map((thread) => once(thread, 'exit'));
    this.#toAll({ kind: 'end' });
    await Promise.race([Promise.all(exits), delay(END_MS, undefined, { ref: false })]);
    this.#failed.signal.throwIfAborted();
  }

  #elapsed(): number {
    return monotonicMs() - this.#startedAt;
  }
}
