import { setTimeout as sleep } from 'node:timers/promises';
import type { PrometheusSpec } from '../../api/spec.ts';
import type { MetricReading } from '../../scaling/metrics/measured.ts';
import type { ReadSecret } from '../secrets.ts';
import { type QueryResult, readAnswer } from './answer.ts';
import { ask } from './ask.ts';

/** The first question comes within this time, ms: not all sources at once. */
const FIRST_MS = 500;

/** Asks one query again and again, one question at a time, and keeps the last good value. What the loop reads of it is always at hand. */
export class PrometheusSource {
  readonly #metric: string;
  readonly #spec: PrometheusSpec;
  readonly #readSecret: ReadSecret;
  readonly #askedSince = Date.now();
  #good: MetricReading['good'] = null;
  #problem: string | null = null;

  constructor(metric: string, spec: PrometheusSpec, readSecret: ReadSecret) {
    this.#metric = metric;
    this.#spec = spec;
    this.#readSecret = readSecret;
  }

  get reading(): MetricReading {
    return { metric: this.#metric, askedSince: this.#askedSince, good: this.#good, problem: this.#problem };
  }

  /** Asks until the signal, at each interval, a tenth more or less. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { intervalMs } = this.#spec;
    await pause(Math.random() * Math.min(FIRST_MS, intervalMs), signal);
    while (!signal.aborted) {
      const nextAt = performance.now() + intervalMs * (0.9 + Math.random() / 5);
      const result = await this.#ask(signal);
      if (signal.aborted) return;
      if (result.kind === 'value') this.#good = { value: result.value, at: Date.now() };
      this.#problem = result.kind === 'value' ? null : result.why;
      await pause(nextAt - performance.now(), signal);
    }
  }

  async #ask(ending: AbortSignal): Promise<QueryResult> {
    const { timeoutMs, maxSampleAgeMs, serverAddress } = this.#spec;
    const over = new AbortController();
    const timer = setTimeout(() => over.abort(), timeoutMs);
    try {
      const answer = await unless(AbortSignal.any([ending, over.signal]), (signal) => ask(this.#spec, this.#readSecret, signal));
      return readAnswer(answer, { now: Date.now(), maxSampleAgeMs });
    } catch (error) {
      const why = over.signal.aborted ? `no answer within ${timeoutMs} ms` : reasonOf(error);
      return { kind: 'none', why: `${serverAddress}: ${why}` };
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Rejects with the signal, even where `work` goes on. */
async function unless<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  let aborted = (): void => undefined;
  const abortion = new Promise<never>((_, reject) => {
    aborted = () => reject(signal.reason);
    signal.addEventListener('abort', aborted, { once: true });
  });
  try {
    return await Promise.race([work(signal), abortion]);
  } finally {
    signal.removeEventListener('abort', aborted);
  }
}

/** Several addresses that all refuse leave only a code. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return error.message === '' ? code : error.message.replace(/\s+/g, ' ');
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => undefined);
}
