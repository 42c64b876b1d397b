import { Worker } from 'node:worker_threads';
import { moduleUrl } from './module-url.ts';

/** What the thread of the simulated clients is told. */
export type ToSimulated = { readonly kind: 'count'; readonly count: number };

/**
 * Clients that chat gently, for people who want to see a cluster scale. They run in a thread of their own, which exists while there are
 * any; they come and go at a steady pace, and each reads its channel and writes now and then.
 */
export class SimulatedClients {
  readonly #url: string;
  #thread: Worker | null = null;
  #count = 0;

  /** `url`: the cluster's address, http or https. */
  constructor(url: string) {
    this.#url = url;
  }

  /** How many there are to be. */
  get count(): number {
    return this.#count;
  }

  /** Sets how many there are to be, a whole number ≥ 0; it takes a while until so many are connected, or gone. */
  set(count: number): void {
    if (!Number.isSafeInteger(count) || count < 0)
      throw new RangeError(`The number of simulated clients is ${count}: give a whole number from 0 on.`);
    this.#count = count;
    if (count === 0 && this.#thread === null) return;
    this.#thread ??= this.#start();
    this.#thread.postMessage({ kind: 'count', count } satisfies ToSimulated);
  }

  /** Ends them all at once. */
  async stop(): Promise<void> {
    this.#count = 0;
    const thread = this.#thread;
    this.#thread = null;
    await thread?.terminate();
  }

  #start(): Worker {
    const thread = new Worker(moduleUrl('simulated-worker', import.meta.url), { workerData: { url: this.#url } });
    thread.on('error', (error) => console.error(`The simulated clients ended: ${error.message}`));
    thread.on('exit', () => {
      if (this.#thread !== thread) return;
      this.#thread = null;
      this.#count = 0;
    });
    return thread;
  }
}
