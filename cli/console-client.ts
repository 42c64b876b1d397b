import { Option } from 'commander';
import type { ClusterStatus } from '../operator/status/status.ts';
import { Failure } from './failure.ts';

/** The address of `up` when nobody says another. */
export const DEFAULT_URL = 'http://127.0.0.1:8080';

const TIMEOUT_MS = 5000;

/** `--url`, for commands that talk to a running cluster; without it they take DEFAULT_URL. */
export const urlOption = (): Option =>
  new Option('--url <url>', `the address of an "up" (default: ${DEFAULT_URL})`).argParser((value) => {
    if (!URL.canParse(value) || !/^https?:/.test(value)) throw new Failure(`--url ${value}: give an address such as ${DEFAULT_URL}.`, 2);
    return value.replace(/\/+$/, '');
  });

/** Talks to the console of a running cluster. Each call rejects with a Failure whose one line says what to do. */
export class ConsoleClient {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async status(): Promise<ClusterStatus> {
    return (await this.#call('/api/status')) as ClusterStatus;
  }

  /** Resolves when the drain was asked for, not when it is done. */
  async drain(gateway: string): Promise<void> {
    await this.#call(`/api/gateways/${encodeURIComponent(gateway)}/drain`, {});
  }

  /** Resolves when the drain was taken back. */
  async uncordon(gateway: string): Promise<void> {
    await this.#call(`/api/gateways/${encodeURIComponent(gateway)}/uncordon`, {});
  }

  async #call(path: string, body?: unknown): Promise<unknown> {
    const init = body === undefined ? {} : { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
    let response: Response;
    let text: string;
    try {
      response = await fetch(this.#url + path, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
      text = await response.text();
    } catch (error) {
      throw new Failure(this.#whyNot(error));
    }
    const answer = parsed(text);
    if (answer === undefined) throw new Failure(`${this.#url} is no ChatCluster: it answered ${path} with ${response.status} and no JSON.`);
    if (response.ok) return answer;
    const { error } = answer as { error?: unknown };
    throw new Failure(typeof error === 'string' ? error : `${this.#url} answered ${response.status} to ${path}.`);
  }

  #whyNot(error: unknown): string {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const { code } = cause as { code?: string };
    if (code === 'ECONNREFUSED')
      return `Nothing listens on ${this.#url}. Start a cluster there with "chatcluster up -f FILE", or name another with --url.`;
    if (error instanceof Error && error.name === 'TimeoutError') return `${this.#url} did not answer within ${TIMEOUT_MS / 1000} s.`;
    return `${this.#url} can't be reached: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
