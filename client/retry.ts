import type { Environment } from './environment.ts';

/** Why no attempt is made although its time has come. */
export type Hindrance = 'offline' | 'hidden';

export interface RetryOwner {
  /** Something waits to be said or heard. */
  busy(): boolean;
  /** The time has come. */
  due(): void;
  /** No attempt until something changes. */
  parked(why: Hindrance): void;
}

/** A page that is hidden for less than this still reconnects, ms. */
const HIDDEN_MS = 60_000;

/**
 * When the next attempt to connect is made.
 *
 * resting: none is wanted. → waiting or parked, by `wait`.
 * waiting: until a time. → resting and `due` when it comes, or, unless a server asked for the wait, when the page or the network comes back.
 *   → parked, when at its time something hinders.
 * parked: the machine is offline, or the page has been hidden for a while and nobody needs anything: the battery is spared.
 *   → resting and `due`, when the network or the page is back, or a page that is online needs something.
 */
export class Retry {
  readonly #env: Environment;
  readonly #owner: RetryOwner;
  readonly #evenHidden: boolean;
  #state: 'resting' | 'waiting' | 'parked' = 'resting';
  #hinted = false;
  #timer: unknown = null;
  #online = true;
  #visible = true;
  #hiddenAt = 0;

  /** `evenHidden`: a hidden page is no hindrance. */
  constructor(env: Environment, owner: RetryOwner, evenHidden: boolean) {
    this.#env = env;
    this.#owner = owner;
    this.#evenHidden = evenHidden;
  }

  /** `hinted`: a server asked for the wait, so nothing makes it shorter. */
  wait(ms: number, hinted: boolean): void {
    this.cancel();
    const hindrance = hinted ? null : this.#hindrance();
    if (hindrance !== null) {
      this.#park(hindrance);
      return;
    }
    this.#state = 'waiting';
    this.#hinted = hinted;
    this.#timer = this.#env.setTimeout(() => this.#timeIsUp(), ms);
  }

  cancel(): void {
    this.#env.clearTimeout(this.#timer);
    this.#state = 'resting';
  }

  /** Something waits to be said or heard. */
  needed(): void {
    if (this.#state === 'parked' && this.#hindrance() === null) this.#go();
  }

  /** Takes in whether it is online and visible; true when either came back. */
  changed(): boolean {
    const { wake } = this.#env;
    const [online, visible] = [wake.online(), wake.visible()];
    const back = (online && !this.#online) || (visible && !this.#visible);
    if (this.#visible && !visible) this.#hiddenAt = this.#env.now();
    this.#online = online;
    this.#visible = visible;
    if (this.#state === 'parked' && this.#hindrance() === null) this.#go();
    else if (this.#state === 'waiting' && back && online && !this.#hinted) this.#go();
    return back;
  }

  #hindrance(): Hindrance | null {
    if (!this.#env.wake.online()) return 'offline';
    if (this.#evenHidden || this.#visible || this.#owner.busy()) return null;
    return this.#env.now() - this.#hiddenAt >= HIDDEN_MS ? 'hidden' : null;
  }

  #timeIsUp(): void {
    const hindrance = this.#hindrance();
    if (hindrance === null) this.#go();
    else this.#park(hindrance);
  }

  #park(hindrance: Hindrance): void {
    this.#state = 'parked';
    this.#owner.parked(hindrance);
  }

  #go(): void {
    this.cancel();
    this.#owner.due();
  }
}
