import type { HistoryPage, Presence, ReadHistory, ReadPresence } from '../protocol/messages.ts';
import { type Deferred, deferred } from './deferred.ts';
import type { Environment } from './environment.ts';
import { ChatError } from './errors.ts';

type Answer = HistoryPage | Presence;

interface Request {
  readonly text: string;
  readonly answer: Deferred<Answer>;
  readonly timer: unknown;
}

/** Questions that wait for their answers. They only read, so they are simply asked again on another link. */
export class Requests {
  readonly #env: Environment;
  readonly #timeoutMs: number;
  readonly #requests = new Map<string, Request>();

  constructor(env: Environment, timeoutMs: number) {
    this.#env = env;
    this.#timeoutMs = timeoutMs;
  }

  get size(): number {
    return this.#requests.size;
  }

  add(message: ReadHistory | ReadPresence): Promise<Answer> {
    const timer = this.#env.setTimeout(() => {
      this.fail(
        message.id,
        new ChatError('timeout', `The ${message.type} of ${message.channel} did not come within ${this.#timeoutMs} ms.`),
      );
    }, this.#timeoutMs);
    const request: Request = { text: JSON.stringify(message), answer: deferred(), timer };
    this.#requests.set(message.id, request);
    return request.answer.promise;
  }

  text(id: string): string | undefined {
    return this.#requests.get(id)?.text;
  }

  texts(): string[] {
    return [...this.#requests.values()].map(({ text }) => text);
  }

  ids(): string[] {
    return [...this.#requests.keys()];
  }

  answered(answer: Answer & { readonly id?: string }): void {
    this.#settle(answer.id)?.resolve(answer);
  }

  fail(id: string, error: ChatError): void {
    this.#settle(id)?.reject(error);
  }

  clear(error: ChatError): void {
    for (const id of this.ids()) this.fail(id, error);
  }

  #settle(id = ''): Deferred<Answer> | null {
    const request = this.#requests.get(id);
    if (request === undefined) return null;
    this.#requests.delete(id);
    this.#env.clearTimeout(request.timer);
    return request.answer;
  }
}
