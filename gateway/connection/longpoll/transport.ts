import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SessionContext } from '../../session/context.ts';
import { later, refusal, say } from '../../session/say.ts';
import type { Admission } from '../admission.ts';
import { cordonedMigrate } from '../cordoned.ts';
import type { ConnectionTable } from '../table.ts';
import { PollingClient } from './client.ts';
import { answer, answerPreflight, readBody } from './http.ts';
import { type PollRequest, parsePoll } from './request.ts';

/** What a LongPollTransport needs. */
export interface LongPollTransportOptions {
  readonly session: SessionContext;
  readonly admission: Admission;
  readonly table: ConnectionTable;
  readonly nextId: () => number;
  readonly idPrefix: string;
}

const SWEEP_MS = 250;
/** A request may hold the positions of all channels, and so many messages of full size. */
const BYTES_PER_CHANNEL = 512;
const FULL_MESSAGES = 4;

/** All long-polling clients of a gateway. A session is one connection from its first poll until it has been absent for a moment. */
export class LongPollTransport {
  readonly #options: LongPollTransportOptions;
  readonly #clients = new Map<string, PollingClient>();
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: LongPollTransportOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#sweep(), SWEEP_MS);
    this.#timer.unref();
  }

  /** Answers all that is held. */
  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#closed = true;
    for (const client of this.#clients.values()) client.close('goingAway');
  }

  /** Answers one request, by and by. */
  poll(req: IncomingMessage, res: ServerResponse): void {
    if (req.method === 'OPTIONS') {
      answerPreflight(res);
      return;
    }
    if (req.method !== 'POST') {
      const text = `The method is ${req.method}; poll by POST.`;
      answer(res, 405, [say(refusal('bad-message', text))], { allow: 'POST, OPTIONS' });
      return;
    }
    const { messageBytes, channelsPerConnection, pollTimeoutMs } = this.#options.session.settings;
    const maxBytes = FULL_MESSAGES * messageBytes + BYTES_PER_CHANNEL * channelsPerConnection;
    readBody(req, maxBytes, (text) => {
      if (text === null) {
        const message = `The body is larger than ${maxBytes} bytes; send fewer or smaller messages at a time.`;
        answer(res, 413, [say(refusal('bad-message', message))], { leave: true });
        return;
      }
      const parsed = parsePoll(text, pollTimeoutMs, messageBytes);
      if (parsed.kind === 'error') answer(res, 400, [say(parsed.error)]);
      else this.#take(parsed.request, res);
    });
  }

  #take(request: PollRequest, res: ServerResponse): void {
    const { nextId, idPrefix, session: context, table } = this.#options;
    const { session } = request.connect;
    const known = this.#clients.get(session);
    if (known !== undefined) {
      if (request.isPoll) table.add(known);
      known.take(request, res);
      return;
    }
    const admitted = this.#closed ? ({ kind: 'refuse', retryAfterMs: 1_000 } as const) : this.#options.admission.admit();
    if (admitted.kind === 'refuse') {
      const { retryAfterMs } = admitted;
      const error = later('unavailable', 'The gateway takes no connection now; try again after retryAfterMs.', retryAfterMs);
      answer(res, 503, [say(error)], { leave: true, retryAfterMs });
      return;
    }
    const id = nextId();
    const client = new PollingClient(id, session, `${idPrefix}.${id}`, context, { gone: (gone) => this.#gone(gone), polls: table.polls });
    this.#clients.set(session, client);
    // Who only says something here polls elsewhere, and counts there.
    if (request.isPoll) table.add(client);
    if (admitted.kind === 'accept-and-migrate') client.stray(cordonedMigrate(context.random));
    client.take(request, res);
  }

  #gone(client: PollingClient): void {
    if (this.#clients.get(client.session) !== client) return;
    this.#clients.delete(client.session);
    this.#options.table.remove(client);
  }

  #sweep(): void {
    const now = this.#options.session.now();
    for (const client of this.#clients.values()) client.look(now);
  }
}
