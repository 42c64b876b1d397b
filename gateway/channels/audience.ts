import { Batch } from './batch.ts';
import type { HubContext } from './context.ts';
import type { Subscription } from './subscription.ts';

/** A channel's live subscriptions, and the frames that they have not been given yet. */
export class Audience {
  readonly #context: HubContext;
  readonly #live: Subscription[] = [];
  #frames: Buffer[] = [];
  /** When the messages among the frames were stored, wall clock. */
  #times: number[] = [];
  /** Only for those who take part in the channel's presence. */
  #presenceFrames: Buffer[] = [];

  constructor(context: HubContext) {
    this.#context = context;
  }

  get size(): number {
    return this.#live.length;
  }

  /** It gets what is pushed from now on; what was pushed before must be flushed first. */
  add(subscription: Subscription): void {
    subscription.index = this.#live.push(subscription) - 1;
  }

  remove(subscription: Subscription): void {
    const { index } = subscription;
    const last = this.#live.pop();
    if (last !== undefined && last !== subscription) {
      this.#live[index] = last;
      last.index = index;
    }
    subscription.index = -1;
  }

  /** `storedAt`: wall clock, ms. */
  pushMessage(frame: Buffer, storedAt: number): void {
    this.#frames.push(frame);
    this.#times.push(storedAt);
  }

  push(frame: Buffer): void {
    this.#frames.push(frame);
  }

  pushPresence(frame: Buffer): void {
    this.#presenceFrames.push(frame);
  }

  /** Hands what was pushed to everyone's outlet. `alone`: see `Outlet.deliver`. */
  flush(alone: boolean): void {
    const live = this.#live;
    if (this.#frames.length > 0) {
      const batch = new Batch(this.#frames);
      this.#frames = [];
      for (let i = 0; i < live.length; i++) live[i]?.outlet.deliver(batch, alone);
      this.#countMessages();
    }
    if (this.#presenceFrames.length > 0) {
      const batch = new Batch(this.#presenceFrames);
      this.#presenceFrames = [];
      for (const subscription of live) if (subscription.presence) subscription.outlet.deliver(batch, alone);
    }
  }

  #countMessages(): void {
    const times = this.#times;
    if (times.length === 0) return;
    this.#times = [];
    if (this.#live.length === 0) return;
    const { counters, latency, wallClock } = this.#context;
    counters.delivered += this.#live.length * times.length;
    const now = wallClock();
    for (const storedAt of times) latency.record(now - storedAt);
  }
}
