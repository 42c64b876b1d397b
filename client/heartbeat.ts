import type { Environment } from './environment.ts';

/** What a heartbeat does to its link. */
export interface Heart {
  /** Says something that the other side must answer. */
  ping(): void;
  /** The other side is dead. */
  dead(): void;
}

/**
 * Finds a peer that is dead although its connection looks open. Browsers don't show ping frames, so it asks itself.
 *
 * listening: something was heard lately. → asking, when nothing was for `everyMs`, or at once by `probe`.
 * asking: a ping was sent. → listening, when anything at all is heard. → dead, when nothing is within the time limit.
 *
 * A timer that comes much too late means that the machine slept: what arrived meanwhile was not read yet, so it asks once more.
 */
export class Heartbeat {
  readonly #env: Environment;
  readonly #heart: Heart;
  #everyMs = 0;
  #heardAt = 0;
  #asking = false;
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
    this.#arm(everyMs);
  }

  heard(): void {
    this.#heardAt = this.#env.now();
    this.#asking = false;
  }

  /** Asks at once, and takes the other side for dead after `withinMs`. Does nothing while it asks already, or has not started. */
  probe(withinMs: number): void {
    if (this.#timer === null || this.#asking) return;
    this.#ask(Math.min(withinMs, this.#everyMs));
  }

  stop(): void {
    this.#env.clearTimeout(this.#timer);
    this.#timer = null;
  }

  #ask(withinMs: number): void {
    this.#asking = true;
    this.#arm(withinMs);
    this.#heart.ping();
  }

  #arm(ms: number): void {
    this.#env.clearTimeout(this.#timer);
    this.#dueAt = this.#env.now() + ms;
    this.#timer = this.#env.setTimeout(() => this.#check(), ms);
  }

  #check(): void {
    const now = this.#env.now();
    const leftMs = this.#heardAt + this.#everyMs - now;
    if (this.#asking) {
      if (now - this.#dueAt > this.#everyMs) this.#ask(this.#everyMs);
      else this.#heart.dead();
    } else if (leftMs > 0) this.#arm(leftMs);
    else this.#ask(this.#everyMs);
  }
}
