import type { ServerResponse } from 'node:http';
import type { CLOSE_CODES } from '../../../protocol/close-codes.ts';
import type { Migrate } from '../../../protocol/messages.ts';
import type { SessionContext } from '../../session/context.ts';
import { Limiter } from '../../session/limiter.ts';
import type { Lasting } from '../../session/session.ts';
import { SessionPresence } from '../../session/session-presence.ts';
import type { Connection } from '../connection.ts';
import type { PollsInFlight } from '../polls-in-flight.ts';
import { Poll } from './poll.ts';
import type { PollRequest } from './request.ts';

/**
 * A client whose last request ended longer ago than this is no connection of this gateway any more. It polls again at once, but perhaps elsewhere: it
 * spreads its requests over several kept connections.
 */
export const ABSENT_MS = 500;
/** A client is in presence for so long after its poll's time was over, wherever it polls next. */
const PRESENCE_GRACE_MS = 20_000;
/** A client that found a cordoned gateway is asked to move with its answer, which comes after so long at most. */
const CORDONED_WAIT_MS = 1_000;

/** Whom a PollingClient tells what. */
export interface PollingClientEvents {
  /** Counts the polls that name channels. */
  readonly polls: Pick<PollsInFlight, 'begun' | 'ended'>;
  /** It is no connection of this gateway any more. */
  readonly gone: (client: PollingClient) => void;
}

/**
 * A long-polling session as a connection of this gateway.
 * - here: one poll is held, or the next one is awaited. → leaving, when it is asked to move between two polls.
 * - leaving: the next poll is answered with the `migrate`. → gone
 * - gone: it was asked to move by its poll's answer, was refused, or has not polled for a while. Another request makes a new one.
 */
export class PollingClient implements Connection {
  readonly id: number;
  readonly session: string;
  readonly transport = 'longpoll';
  migrating = false;
  readonly #context: SessionContext;
  readonly #events: PollingClientEvents;
  readonly #connectionId: string;
  readonly #lasting: Lasting;
  /** The one that names the channels, and those beside it that only say something. */
  #held: Poll | null = null;
  readonly #beside = new Set<Poll>();
  #migrate: Migrate | null = null;
  /** It came while the gateway was cordoned. */
  #strayed = false;
  /** What its client was told last of the broker, as far as is known here: each poll begins anew. */
  #toldDegraded = false;
  #absentSince: number;

  constructor(id: number, session: string, connectionId: string, context: SessionContext, events: PollingClientEvents) {
    this.id = id;
    this.session = session;
    this.#connectionId = connectionId;
    this.#context = context;
    this.#events = events;
    const policy = { ttlMs: context.settings.pollTimeoutMs + PRESENCE_GRACE_MS, refreshed: false };
    this.#lasting = {
      limiter: new Limiter(context.settings, context.now()),
      presence: new SessionPresence(context.presence, policy),
    };
    this.#absentSince = context.now();
  }

  /** Takes one request, and answers it by and by. */
  take(request: PollRequest, res: ServerResponse): void {
    const poll = new Poll(this.#context, res, {
      connectionId: this.#connectionId,
      lasting: this.#lasting,
      beside: !request.isPoll,
      ended: (ended) => this.#ended(ended),
      refused: () => this.#leave(),
    });
    if (!request.isPoll) {
      this.#beside.add(poll);
      // A kept connection would bring the client's next request here again.
      if (this.#migrate !== null) poll.partWith(this.#migrate);
      poll.run(request);
      return;
    }
    this.#lasting.limiter.newPoll(this.#context.settings);
    const earlier = this.#held;
    if (earlier === null) this.#events.polls.begun(this.#context.now());
    this.#held = poll;
    earlier?.release(false);
    if (this.#strayed && this.#migrate !== null) poll.partWith(this.#migrate);
    poll.run(this.#strayed ? { ...request, waitMs: Math.min(request.waitMs, CORDONED_WAIT_MS) } : request);
    const { degraded } = this.#context.watch;
    // Else it would be held, and its client not know for long.
    if (degraded !== this.#toldDegraded) poll.hasten();
    this.#toldDegraded = degraded;
    this.#lasting.presence.keepOnly(poll.session.presentIn);
    if (this.#migrate !== null && !this.#strayed && this.#held === poll) this.#moveBy(poll, this.#migrate);
  }

  /** It came to a cordoned gateway: it is served, and asked to move with the next answer. */
  stray(message: Migrate): void {
    this.#strayed = true;
    this.migrating = true;
    this.#migrate = message;
  }

  migrate(message: Migrate): void {
    this.migrating = true;
    this.#migrate ??= message;
    if (this.#held !== null) this.#moveBy(this.#held, message);
  }

  degraded(degraded: boolean): void {
    if (this.#held === null) return;
    this.#toldDegraded = degraded;
    this.#held.session.degraded(degraded);
  }

  close(code: keyof typeof CLOSE_CODES, retryAfterMs?: number): void {
    this.migrating = true;
    this.#held?.close(code, retryAfterMs);
    this.#leave();
  }

  /** Ends it when its client has been absent for long. `now`: monotonic, ms. */
  look(now: number): void {
    if (this.#held === null && this.#beside.size === 0 && this.#absentSince + ABSENT_MS <= now) this.#leave();
  }

  #moveBy(poll: Poll, message: Migrate): void {
    poll.migrate(message);
    this.#leave();
  }

  #ended(poll: Poll): void {
    this.#absentSince = this.#context.now();
    const wasBeside = this.#beside.delete(poll);
    if (this.#held === poll) {
      this.#held = null;
      this.#events.polls.ended(this.#absentSince);
    } else if (!wasBeside) return;
    // Whatever was answered said that the client is to go.
    if (this.#migrate !== null && this.#held === null && this.#beside.size === 0) this.#leave();
  }

  #leave(): void {
    this.migrating = true;
    this.#events.gone(this);
    this.#lasting.presence.end(false);
  }
}
