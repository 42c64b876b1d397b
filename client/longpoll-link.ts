import { CLOSE_CODES } from '../protocol/close-codes.ts';
import type { Connected, ServerMessage } from '../protocol/messages.ts';
import { asHint, type LinkEnd } from './backoff.ts';
import type { Environment, Fetch, FetchResponse } from './environment.ts';
import { asMessage, isEvent, type Link, type LinkListener } from './link.ts';

/** How long the gateway may hold a poll, ms. */
const WAIT_MS = 25_000;
/** How much longer than that an answer may take, ms. */
const ANSWER_MS = 10_000;
/** While a channel's stream is not live, ms. */
const UNREADY_WAIT_MS = 1_000;
/** Most messages that one request carries beyond its connect. */
const BATCH_MESSAGES = 64;
/** A request that breaks sooner is sent again, so often: it may have met one kept connection after the other that had just been closed. */
const STALE_MS = 250;
const STALE_TRIES = 3;
/** Polls that are answered sooner with nothing new, several in a row, make the next ones wait, ms. */
const QUICK_MS = 100;
const QUICK_POLLS = 3;
const LONGEST_PAUSE_MS = 5_000;

type Outcome =
  | { readonly kind: 'answer'; readonly messages: readonly ServerMessage[] }
  /** `stale`: so soon that the request met a kept connection which the other side had just closed. */
  | { readonly kind: 'failed'; readonly end: LinkEnd; readonly stale: boolean }
  | { readonly kind: 'interrupted' };

/**
 * A link made of requests. Any gateway can answer any of them: each begins with `connect`, and a poll names all channels with our positions,
 * which acknowledges what came before. An answer that is lost is simply asked for again.
 *
 * polling: one poll is held. → delivering, when it is answered. → polling, when the channels change: the poll is given up and sent anew.
 * delivering: its messages are heard, in order; then → polling.
 * ended: a request failed, or `close`. One that failed at once was sent again before.
 * Beside it, at most one request at a time carries what is to be said, so that publishes stay in order.
 */
export class LongPollLink implements Link {
  readonly transport = 'longpoll';
  readonly #env: Environment;
  readonly #fetch: Fetch;
  readonly #url: string;
  readonly #listener: LinkListener;
  readonly #ending = new AbortController();
  #poll: AbortController | null = null;
  #waitMs = 0;
  #opened = false;
  #quick = 0;
  #degraded = false;
  #resume: () => void = () => {};
  #outgoing: string[] = [];
  /** Characters that one request carries at most, but for a single message that is larger; until the gateway has said how many. */
  #batchLength = 4_096;
  #sending = false;

  constructor(env: Environment, fetch: Fetch, url: string, listener: LinkListener) {
    this.#env = env;
    this.#fetch = fetch;
    this.#url = url;
    this.#listener = listener;
  }

  start(): void {
    void this.#polling();
  }

  send(text: string): void {
    this.#outgoing.push(text);
    if (!this.#sending) void this.#saying();
  }

  sendSubscription(): void {
    this.#waitMs = 0;
    this.#poll?.abort();
    this.#resume();
  }

  adapt({ limits }: Connected): void {
    this.#batchLength = limits.messageBytes;
  }

  /** After a sleep a held poll may never be answered. */
  probe(): void {
    this.sendSubscription();
  }

  fail(code: number, reason: string): void {
    this.#end({ code, reason, opened: this.#opened, retryAfterMs: null });
  }

  close(): void {
    this.#ending.abort();
    this.#resume();
  }

  async #polling(): Promise<void> {
    let triesLeft = STALE_TRIES;
    while (!this.#ending.signal.aborted) {
      const waitMs = this.#waitMs;
      const startedAt = this.#env.now();
      this.#waitMs = WAIT_MS;
      this.#poll = new AbortController();
      const outcome = await this.#post(this.#listener.subscribeTexts(), waitMs, this.#poll);
      this.#poll = null;
      if (this.#ending.signal.aborted) return;
      if (outcome.kind === 'failed' && outcome.stale && triesLeft > 0) {
        triesLeft--;
        this.#waitMs = waitMs;
        continue;
      }
      if (outcome.kind === 'failed') return this.#end(outcome.end);
      if (outcome.kind === 'interrupted') continue;
      triesLeft = STALE_TRIES;
      if (!this.#opened) {
        this.#opened = true;
        this.#listener.opened();
      }
      this.#deliver(outcome.messages);
      if (!this.#listener.ready) this.#waitMs = Math.min(this.#waitMs, UNREADY_WAIT_MS);
      const idle = this.#env.now() - startedAt < QUICK_MS && !outcome.messages.some(isNews);
      this.#quick = idle ? this.#quick + 1 : 0;
      if (this.#quick >= QUICK_POLLS) await this.#pause(Math.min(LONGEST_PAUSE_MS, QUICK_MS * 2 ** (this.#quick - QUICK_POLLS)));
    }
  }

  #deliver(messages: readonly ServerMessage[]): void {
    const isSaid = messages.some(({ type }) => type === 'degraded');
    for (const message of messages) {
      if (this.#ending.signal.aborted) return;
      if (message.type === 'migrate') this.#waitMs = 0;
      if (message.type === 'degraded') this.#degraded = message.active;
      this.#listener.heard(message);
      // Each answer begins as a new connection does: when it says nothing of it, the gateway is not degraded any more.
      if (message.type === 'connected' && this.#degraded && !isSaid) {
        this.#degraded = false;
        this.#listener.heard({ type: 'degraded', active: false });
      }
    }
  }

  async #saying(): Promise<void> {
    this.#sending = true;
    await Promise.resolve();
    while (this.#outgoing.length > 0 && !this.#ending.signal.aborted) {
      const texts = this.#batch();
      let outcome = await this.#post(texts, 0, new AbortController());
      for (let triesLeft = STALE_TRIES; outcome.kind === 'failed' && outcome.stale && triesLeft > 0; triesLeft--) {
        outcome = await this.#post(
          texts.filter((text) => !isEvent(text)),
          0,
          new AbortController(),
        );
      }
      if (this.#ending.signal.aborted) return;
      if (outcome.kind !== 'answer') return this.#end(outcome.kind === 'failed' ? outcome.end : broken('interrupted'));
      this.#deliver(outcome.messages.filter(isAnswer));
      this.#refuse(unanswered(texts, outcome.messages));
    }
    this.#sending = false;
  }

  /** What the gateway could not answer in time is said again later. */
  #refuse(questions: readonly Question[]): void {
    const why = { code: 'unavailable', message: 'The gateway had no answer in time.', retryable: true } as const;
    for (const { channel, id } of questions) if (!this.#ending.signal.aborted) this.#listener.heard({ type: 'error', ...why, channel, id });
  }

  #batch(): string[] {
    let length = 0;
    let count = 0;
    while (count < Math.min(this.#outgoing.length, BATCH_MESSAGES) && (count === 0 || length <= this.#batchLength)) {
      length += this.#outgoing[count]?.length ?? 0;
      count++;
    }
    if (length > this.#batchLength && count > 1) count--;
    return this.#outgoing.splice(0, count);
  }

  async #post(texts: readonly string[], waitMs: number, abort: AbortController): Promise<Outcome> {
    let late = false;
    const startedAt = this.#env.now();
    const timer = this.#env.setTimeout(() => {
      late = true;
      abort.abort();
    }, waitMs + ANSWER_MS);
    const give = () => abort.abort();
    this.#ending.signal.addEventListener('abort', give);
    try {
      const body = `{"messages":[${[this.#listener.connectText(), ...texts].join(',')}],"wait":${waitMs}}`;
      const headers = { 'Content-Type': 'application/json' };
      const response = await this.#fetch(this.#url, { method: 'POST', headers, body, signal: abort.signal });
      const text = await response.text();
      return abort.signal.aborted ? { kind: 'interrupted' } : read(response, text, this.#env.random());
    } catch (error) {
      if (abort.signal.aborted && !late) return { kind: 'interrupted' };
      const stale = this.#env.now() - startedAt < STALE_MS;
      return { kind: 'failed', end: broken(late ? 'no answer came in time' : String(error)), stale };
    } finally {
      this.#env.clearTimeout(timer);
      this.#ending.signal.removeEventListener('abort', give);
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#env.setTimeout(() => this.#resume(), ms);
      this.#resume = () => {
        this.#env.clearTimeout(timer);
        resolve();
      };
    });
  }

  #end(end: LinkEnd): void {
    if (this.#ending.signal.aborted) return;
    this.close();
    this.#listener.ended({ ...end, opened: this.#opened });
  }
}

/** What a request beside the poll is answered, of which the poll knows nothing. */
const isAnswer = ({ type }: ServerMessage) => type !== 'connected' && type !== 'migrate' && type !== 'degraded';

const NO_NEWS: readonly string[] = ['connected', 'degraded', 'subscribed', 'pong'] satisfies readonly ServerMessage['type'][];
const isNews = ({ type }: ServerMessage) => !NO_NEWS.includes(type);

interface Question {
  readonly id: string;
  readonly channel: string;
}

/** Those of the texts that have an id, and no answer with it. */
function unanswered(texts: readonly string[], messages: readonly ServerMessage[]): Question[] {
  const answered = new Set(messages.map((message) => ('id' in message ? message.id : undefined)));
  return texts
    .map((text) => JSON.parse(text) as Partial<Question>)
    .filter(isQuestion)
    .filter(({ id }) => !answered.has(id));
}

const isQuestion = (said: Partial<Question>): said is Question => said.id !== undefined;

const broken = (reason: string): LinkEnd => ({ code: CLOSE_CODES.abnormal.code, reason, opened: false, retryAfterMs: null });

function read(response: FetchResponse, text: string, random: number): Outcome {
  const body = parse(text);
  if (!response.ok) return { kind: 'failed', end: refusal(response, body, random), stale: false };
  if (!Array.isArray(body)) {
    const end = { ...broken('the answer is no list of messages'), code: CLOSE_CODES.internalError.code };
    return { kind: 'failed', end, stale: false };
  }
  return { kind: 'answer', messages: body.map(asMessage).filter((message) => message !== null) };
}

/** The close code that means the same as an HTTP status. `Retry-After` counts whole seconds, so chance adds the rest. */
function refusal({ status, headers }: FetchResponse, body: unknown, random: number): LinkEnd {
  const codes: Record<number, number> = {
    400: CLOSE_CODES.badMessage.code,
    401: CLOSE_CODES.unauthorized.code,
    413: CLOSE_CODES.messageTooBig.code,
    429: CLOSE_CODES.tryAgainLater.code,
    503: CLOSE_CODES.tryAgainLater.code,
  };
  const seconds = headers.get('Retry-After');
  const precise = Array.isArray(body) ? body.map((message: { retryAfterMs?: unknown } | null) => asHint(message?.retryAfterMs)) : [];
  const hint = precise.find((ms) => ms !== null) ?? (seconds === null || !/^\d+$/.test(seconds) ? null : (Number(seconds) + random) * 1000);
  return { code: codes[status] ?? CLOSE_CODES.internalError.code, reason: `HTTP status ${status}`, opened: false, retryAfterMs: hint };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
