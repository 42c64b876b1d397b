import type { Environment } from './environment.ts';

/** What a heartbeat does to its link. */
export interface Heart {
  /** Says something that the other side must answer. */
  ping(): void;
  /** The other side is dead. */
  dead(): void;
}

/** While the page is seen no silence is longer, ms: the screen takes more of the battery than a word now and then. */
const WATCHED_MS = 10_000;
/** What was said and would be answered is waited for so long before it is asked, ms. */
const SAID_MS = 2_000;
/** How long a ping's answer, or any other word, may take, ms. */
const ANSWER_MS = 5_000;

/**
 * Finds a peer that is dead although its connection looks open. Browsers don't show ping frames, so it asks itself.
 *
 * listening: something was heard lately. → asking, when nothing was for `everyMs`; sooner while the page is seen, and soon when something was
 *   said that would be answered; at once by `probe`.
 * asking: a ping was sent. → listening, when anything at all is heard. → dead, when nothing is within the time limit.
 *
 * A timer that comes much too late means that the machine slept: what arrived meanwhile was not read yet, so it asks once more.
 */
export class Heartbeat {
  readonly #env: Environment;
  readonly #heart: Heart;
  #everyMs = 0;
  #heardAt = 0;
  /** When what is not answered was said first; null when nothing is. */
  #saidAt: number | null = null;
  /** Pings that were sent since something was heard. */
  #asked = 0;
  #timer: unknown = null;
  #dueAt = 0;

  constructor(env: Environment, heart: Heart) {
    this.#env = env;
    this.#heart = heart;
  }

  /** Starts, or goes on with another time. */
  start(everyMs: number): void {
    this.#everyMs = everyMs;
    this.heard();
    this.#arm(this.#quietUntil());
  }

  heard(): void {
    this.#heardAt = this.#env.now();
    this.#saidAt = null;
    this.#asked = 0;
  }

  /** Something was said that the other side will answer. */
  said(): void {
    if (this.#timer === null || this.#asked > 0 || this.#saidAt !== null) return;
    this.#saidAt = this.#env.now();
    if (this.#quietUntil() < this.#dueAt) this.#arm(this.#quietUntil());
  }

  /** Asks at once. Does nothing while it asks already, or has not started. */
  probe(): void {
    if (this.#timer !== null && this.#asked === 0) this.#ask();
  }

  stop(): void {
    this.#env.clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Until when it listens if nothing is heard. */
  #quietUntil(): number {
    const everyMs = this.#env.wake.visible() ? Math.min(this.#everyMs, WATCHED_MS) : this.#everyMs;
    return Math.min(this.#heardAt + everyMs, (this.#saidAt ?? Number.POSITIVE_INFINITY) + SAID_MS);
  }

  #ask(): void {
    this.#asked++;
    this.#arm(this.#env.now() + this.#answerMs);
    this.#heart.ping();
  }

  get #answerMs(): number {
    return Math.min(ANSWER_MS, this.#everyMs);
  }

  #arm(at: number): void {
    this.#env.clearTimeout(this.#timer);
    this.#dueAt = at;
    this.#timer = this.#env.setTimeout(() => this.#check(), Math.max(0, at - this.#env.now()));
  }

  #check(): void {
    const now = this.#env.now();
    const isLate = now - this.#dueAt > this.#answerMs;
    if (this.#asked > 1 || (this.#asked === 1 && !isLate)) this.#heart.dead();
    else if (this.#asked === 0 && this.#quietUntil() > now) this.#arm(this.#quietUntil());
    else this.#ask();
  }
}
