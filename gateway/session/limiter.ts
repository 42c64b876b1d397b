import type { DataPlaneSettings } from './context.ts';
import { TokenBucket } from './token-bucket.ts';

/** Whether a message may pass: `retryAfterMs` when not now; `abuse` when the client goes on and on regardless. */
export type Passage = { readonly kind: 'pass' } | { readonly kind: 'later'; readonly retryAfterMs: number } | { readonly kind: 'abuse' };

const PASS = { kind: 'pass' } as const;
const ABUSE = { kind: 'abuse' } as const;
/** A client may be refused for so many seconds' worth of messages more than it is let through. */
const ABUSE_SECONDS = 10;
/** Messages that could not be read, before the client is held to be broken. */
const MAX_UNREADABLE = 10;

/** Holds one connection (over long polling one session) to its message rate. */
export class Limiter {
  readonly #bucket: TokenBucket;
  /** A reconnecting client subscribes to all its channels at once: so many are free. */
  #freeSubscribes: number;
  #refused = 0;
  #unreadable = 0;

  /** `now`: monotonic, ms. */
  constructor(settings: DataPlaneSettings, now: number) {
    this.#bucket = new TokenBucket(burst(settings), now);
    this.#freeSubscribes = settings.channelsPerConnection;
  }

  message(settings: DataPlaneSettings, now: number): Passage {
    const retryAfterMs = this.#bucket.take(settings.messagesPerSecond, burst(settings), now);
    if (retryAfterMs === 0) {
      if (this.#refused > 0) this.#refused--;
      return PASS;
    }
    this.#refused++;
    return this.#refused > ABUSE_SECONDS * settings.messagesPerSecond ? ABUSE : { kind: 'later', retryAfterMs };
  }

  subscribe(settings: DataPlaneSettings, now: number): Passage {
    if (this.#freeSubscribes === 0) return this.message(settings, now);
    this.#freeSubscribes--;
    return PASS;
  }

  /** Counts a message that could not be read; true when there were too many. */
  unreadable(): boolean {
    return ++this.#unreadable > MAX_UNREADABLE;
  }

  /** A poll names all its channels: those are free each time. */
  newPoll(settings: DataPlaneSettings): void {
    this.#freeSubscribes = settings.channelsPerConnection;
  }
}

function burst({ messagesPerSecond }: DataPlaneSettings): number {
  return Math.max(1, 2 * messagesPerSecond);
}
