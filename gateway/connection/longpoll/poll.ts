import type { ServerResponse } from 'node:http';
import type { CLOSE_CODES } from '../../../protocol/close-codes.ts';
import type { Migrate } from '../../../protocol/messages.ts';
import type { Batch } from '../../channels/batch.ts';
import type { SessionContext } from '../../session/context.ts';
import { later, say } from '../../session/say.ts';
import { type Lasting, Session } from '../../session/session.ts';
import type { Transport } from '../../session/transport.ts';
import { payloadOf } from '../frames.ts';
import { answer } from './http.ts';
import type { PollRequest } from './request.ts';

/** After the first news it is waited so long for more. */
const GATHER_MS = 5;
/**
 * It is waited so long, beyond the request's time, for answers that the broker still owes: a poll names its channels again the next time. What is
 * said beside it is not said again when the answer is late, so that waits longer, as a publish does for a broker that is away.
 */
const OWED_MS = 1_000;
const OWED_BESIDE_MS = 8_000;
/** An answer that has this much is sent without waiting for more. */
const ENOUGH_BYTES = 262_144;

/** HTTP statuses for the ways in which a session ends; the others end a poll without an error: the client simply polls again. */
const STATUSES: Partial<Record<keyof typeof CLOSE_CODES, number>> = {
  badMessage: 400,
  unauthorized: 401,
  internalError: 500,
  tryAgainLater: 503,
};

/** What a Poll needs of the session that it belongs to. */
export interface PollOptions {
  readonly connectionId: string;
  readonly lasting: Lasting;
  /** It only says something, while another poll of its session is held. */
  readonly beside: boolean;
  /** It was answered, or broken off by the client; `session` says whose it was. */
  readonly ended: (poll: Poll) => void;
  /** It was ended with an error: the session is over. */
  readonly refused: () => void;
}

/**
 * One request of a long-polling client: a session that lasts until it is answered.
 * - held: nothing to tell yet. → gathering, when there is; → due, when its time is over.
 * - gathering: a few milliseconds for what comes along. → due
 * - due: answered as soon as the broker owes no answer, or has owed it for too long. → answered
 * - answered: or broken off by the client.
 * What an answer holds may be lost on the way: the positions of the client's next poll say what it has.
 */
export class Poll implements Transport {
  readonly connectionId: string;
  readonly session: Session;
  readonly #res: ServerResponse;
  readonly #options: PollOptions;
  readonly #said: (string | Buffer)[] = [];
  #bytes = 0;
  #state: 'held' | 'gathering' | 'due' | 'answered' = 'held';
  #timer: NodeJS.Timeout | null = null;
  #leave = false;
  #parting: Migrate | null = null;

  constructor(context: SessionContext, res: ServerResponse, options: PollOptions) {
    this.connectionId = options.connectionId;
    this.#res = res;
    this.#options = options;
    this.session = new Session(context, this, options.lasting);
    res.on('close', () => this.#finish());
  }

  /** It has all that one answer takes. */
  get congested(): boolean {
    return this.#bytes >= ENOUGH_BYTES;
  }

  /** Hears the request, then holds it. */
  run({ said, waitMs }: PollRequest): void {
    for (const { read, length } of said) this.session.hear(read, length);
    if (this.#state === 'held') this.#timer = setTimeout(() => this.#due(), waitMs);
  }

  /** Answers at once with the message; the client's next request shall go elsewhere. */
  migrate(message: Migrate): void {
    this.partWith(message);
    this.#due();
  }

  /** What it was given so far is to be heard soon, whatever it is. */
  hasten(): void {
    this.#news();
  }

  /** Ends its answer, whenever that is due, with the message. */
  partWith(message: Migrate): void {
    this.#leave = true;
    this.#parting = message;
  }

  /** Answers with what there is: a later poll of the session has come, or the gateway closes. */
  release(leave: boolean): void {
    this.#leave ||= leave;
    this.#answer(200);
  }

  deliver(batch: Batch): void {
    for (const frame of batch.frames) this.#push(payloadOf(frame));
    this.#news();
  }

  send(text: string): void {
    this.#push(text);
    this.#news();
  }

  note(text: string): void {
    this.#push(text);
  }

  settled(): void {
    if (this.#state === 'due' && !this.session.isBusy) this.#answer(200);
  }

  close(code: keyof typeof CLOSE_CODES, retryAfterMs?: number): void {
    const status = STATUSES[code];
    if (status === undefined) {
      this.release(true);
      return;
    }
    if (retryAfterMs !== undefined) {
      this.#push(say(later('unavailable', 'The gateway takes nothing from this client now; try again later.', retryAfterMs)));
    }
    this.#leave = true;
    this.#answer(status, retryAfterMs);
    this.#options.refused();
  }

  #push(text: string | Buffer): void {
    if (this.#state === 'answered') return;
    this.#said.push(text);
    this.#bytes += text.length;
  }

  #news(): void {
    if (this.congested) {
      this.#due();
    } else if (this.#state === 'held') {
      this.#state = 'gathering';
      this.#arm(GATHER_MS, () => this.#due());
    }
  }

  #due(): void {
    if (this.#state === 'due' || this.#state === 'answered') return;
    this.#state = 'due';
    if (this.session.isBusy) this.#arm(this.#options.beside ? OWED_BESIDE_MS : OWED_MS, () => this.#answer(200));
    else this.#answer(200);
  }

  #answer(status: number, retryAfterMs?: number): void {
    if (this.#state === 'answered') return;
    this.#state = 'due';
    if (this.#parting !== null) this.session.migrate(this.#parting);
    answer(this.#res, status, this.#said, { leave: this.#leave, retryAfterMs });
    this.#finish();
  }

  #finish(): void {
    if (this.#state === 'answered') return;
    this.#state = 'answered';
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#options.ended(this);
    this.session.end('keep');
  }

  #arm(ms: number, then: () => void): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(then, ms);
  }
}
