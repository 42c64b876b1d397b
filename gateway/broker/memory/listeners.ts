import type { ChannelListener } from '../broker.ts';
import { callListener } from '../call-listener.ts';

/**
 * Those who listen to a channel, one listener a key. A listener may publish, subscribe or unsubscribe while it is told
 * something: what that causes is told after the first thing has reached everybody, so all hear the same order.
 */
export class Listeners {
  readonly #byKey = new Map<object, ChannelListener>();
  readonly #waiting: ((listener: ChannelListener) => void)[] = [];
  #telling = false;

  get size(): number {
    return this.#byKey.size;
  }

  set(key: object, listener: ChannelListener): void {
    this.#byKey.set(key, listener);
  }

  delete(key: object): boolean {
    return this.#byKey.delete(key);
  }

  /** Calls `call` with each listener. What one throws ends as an uncaught error: it isn't the publisher's fault. */
  tell(call: (listener: ChannelListener) => void): void {
    if (this.#telling) {
      this.#waiting.push(call);
      return;
    }
    this.#telling = true;
    this.#tellAll(call);
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) this.#tellAll(next);
    this.#telling = false;
  }

  #tellAll(call: (listener: ChannelListener) => void): void {
    for (const listener of this.#byKey.values()) callListener(call, listener);
  }
}
