import type { ErrorMessage, HistoryPage, Presence, Published, ReadHistory, ReadPresence } from '../protocol/messages.ts';
import { asHint } from './backoff.ts';
import type { Connection } from './connection.ts';
import { type Deferred, deferred } from './deferred.ts';
import type { Environment } from './environment.ts';
import { ChatError } from './errors.ts';
import { Outbox, type OutboxLimits, type PublishResult } from './outbox.ts';
import { Requests } from './requests.ts';
import { Timers } from './timers.ts';

/** Without a hint of the gateway, what was refused waits a random time below this, ms. */
export const RETRY_MS = 1_000;

/**
 * What the client says: publishes, events and questions. All of it goes over one connection at a time.
 *
 * flowing: what is published goes out as far as the window allows. → paused, when the gateway refuses a publish for now. Without a
 *   connection that can be sent to, all waits.
 * paused: nothing is published, so that nothing overtakes what was refused. → flowing, when the hinted time is over, or another connection
 *   is used.
 */
export class Speech {
  readonly #env: Environment;
  readonly #timers: Timers;
  readonly #outbox: Outbox;
  readonly #requests: Requests;
  #connection: Connection | null = null;
  #resume: (() => void) | null = null;
  #flushed: Deferred<void> | null = null;
  #maxBytes: number | null = null;

  constructor(env: Environment, limits: OutboxLimits, requestTimeoutMs: number) {
    this.#env = env;
    this.#timers = new Timers(env);
    this.#outbox = new Outbox(limits);
    this.#requests = new Requests(env, requestTimeoutMs);
  }

  /** Something waits for its answer. */
  get busy(): boolean {
    return this.#outbox.size > 0 || this.#requests.size > 0;
  }

  /** Messages that are not acknowledged. */
  get unacknowledged(): number {
    return this.#outbox.size;
  }

  /** Ids of what was said and is not answered. */
  unanswered(): string[] {
    return [...this.#outbox.underWay(), ...this.#requests.ids()];
  }

  /** `data` is JSON text. */
  publish(channel: string, id: string, data: string): Promise<PublishResult> {
    const result = this.#outbox.add(channel, id, data);
    this.#pump();
    return result;
  }

  /** Says it now or never; false when it can't be said now. */
  sendEvent(channel: string, name: string, data: unknown): boolean {
    if (this.#connection?.open !== true) return false;
    this.#connection.link.send(JSON.stringify({ type: 'event', channel, name, data }));
    return true;
  }

  ask(message: ReadHistory): Promise<HistoryPage>;
  ask(message: ReadPresence): Promise<Presence>;
  ask(message: ReadHistory | ReadPresence): Promise<HistoryPage | Presence> {
    const answer = this.#requests.add(message);
    this.#askAgain(message.id);
    return answer;
  }

  /** From now on all is said over this connection, and what was not answered is said there once more; null: all waits. */
  use(connection: Connection | null): void {
    this.#connection = connection;
    this.#resume?.();
    this.#resume = null;
    this.#outbox.rewind();
    for (const id of this.#requests.ids()) this.#askAgain(id);
    this.#pump();
  }

  /** The gateways take messages of so many bytes. Nothing is published before that is known: a gateway closes for a larger one. */
  limit(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#pump();
  }

  published(message: Published): void {
    this.#outbox.acknowledge(message);
    this.#settled();
  }

  answered(message: HistoryPage | Presence): void {
    this.#requests.answered(message);
  }

  /** An error with the id of a publish or a question. What another connection than the one in use refuses is said on that one anyway. */
  refused(connection: Connection, id: string, error: ErrorMessage): void {
    const hint = asHint(error.retryAfterMs) ?? this.#env.random() * RETRY_MS;
    if (this.#outbox.has(id)) {
      if (!error.retryable) {
        this.#outbox.fail(id, ChatError.from(error));
        this.#settled();
      } else if (connection === this.#connection) {
        this.#outbox.refuse(id);
        this.#pause(hint);
      }
    } else if (!error.retryable) this.#requests.fail(id, ChatError.from(error));
    else if (connection === this.#connection) this.#timers.after(hint, () => this.#askAgain(id));
  }

  /** Resolves when all is acknowledged, or has failed. */
  flushed(): Promise<void> {
    if (this.#outbox.size === 0) return Promise.resolve();
    this.#flushed ??= deferred();
    return this.#flushed.promise;
  }

  /** Rejects all that waits. */
  clear(error: ChatError): void {
    this.use(null);
    this.#timers.clear();
    this.#outbox.clear(error);
    this.#requests.clear(error);
    this.#settled();
  }

  #pump(): void {
    const connection = this.#connection;
    const maxBytes = this.#maxBytes;
    if (connection?.open !== true || maxBytes === null || this.#resume !== null) return;
    for (const text of this.#outbox.take(this.#env.wallClock(), maxBytes)) connection.link.send(text);
  }

  #pause(ms: number): void {
    this.#resume?.();
    this.#resume = this.#timers.after(ms, () => {
      this.#resume = null;
      this.#pump();
    });
  }

  #askAgain(id: string): void {
    const text = this.#requests.text(id);
    if (text !== undefined && this.#connection?.open === true) this.#connection.link.send(text);
  }

  #settled(): void {
    this.#pump();
    if (this.#outbox.size > 0) return;
    this.#flushed?.resolve();
    this.#flushed = null;
  }
}
