import type { MetricSpec } from '../api/spec.ts';
import type { MetricReading } from '../scaling/metrics/measured.ts';
import { PrometheusSource } from './prometheus/source.ts';
import type { ReadSecret } from './secrets.ts';

interface Asked {
  /** Tells whether it is still the same question. */
  readonly key: string;
  readonly source: PrometheusSource;
  readonly ending: AbortController;
  ended: Promise<void> | null;
}

/** Asks for the metrics of one ChatCluster that its gateways don't tell themselves. The loop reads what is there, and never waits for it. */
export class MetricSources {
  readonly #readSecret: ReadSecret;
  #asked: readonly Asked[] = [];
  #running = false;

  constructor(metrics: readonly MetricSpec[], readSecret: ReadSecret) {
    this.#readSecret = readSecret;
    this.configure(metrics);
  }

  /** What is asked for from now on. A metric whose question is the same keeps its last value. */
  configure(metrics: readonly MetricSpec[]): void {
    const before = new Map(this.#asked.map((asked) => [asked.key, asked]));
    this.#asked = metrics.flatMap(({ name, source }) => {
      if (source.kind !== 'prometheus') return [];
      const key = JSON.stringify([name, source.prometheus]);
      const kept = before.get(key);
      before.delete(key);
      return (
        kept ?? { key, source: new PrometheusSource(name, source.prometheus, this.#readSecret), ending: new AbortController(), ended: null }
      );
    });
    for (const { ending } of before.values()) ending.abort();
    if (this.#running) this.#start();
  }

  /** What asking has led to so far. */
  read(): readonly MetricReading[] {
    return this.#asked.map(({ source }) => source.reading);
  }

  /** Asks until the signal; resolves when nothing is under way any more. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    this.#running = true;
    this.#start();
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    this.#running = false;
    for (const { ending } of this.#asked) ending.abort();
    await Promise.all(this.#asked.map(({ ended }) => ended));
  }

  #start(): void {
    for (const asked of this.#asked) asked.ended ??= asked.source.run(asked.ending.signal);
  }
}
