import { connect } from 'node:net';
import { WebSocket } from 'ws';
import { Batch } from './batch.ts';
import { BrokerUnavailable } from './broker.ts';
import { callListener } from './call-listener.ts';
import { type Call, MAX_FRAME_BYTES, type Reply, type Request } from './wire.ts';

/** Beyond so many unanswered calls further ones are refused, so that a stalled server doesn't fill this process' memory. */
const MAX_PENDING = 50_000;
/** Beyond so much unsent, ephemeral events are dropped. */
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;
const CLOSE_TIMEOUT_MS = 1_000;

/** What the server tells without being asked. */
export type Notification = Exclude<Reply, { kind: 'result' | 'failure' }>;

export interface LinkEvents {
  notify(notification: Notification): void;
  /** The link broke off; once. Its pending calls have been rejected. */
  down(): void;
}

interface Pending {
  /** Called while the answer is handled, in order with the notifications around it. */
  readonly answer: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One WebSocket connection to a broker's server: numbered calls, their answers, and notifications. It is up until it is down, for good. */
export class Link {
  readonly #socket: WebSocket;
  readonly #events: LinkEvents;
  readonly #notify: (notification: Notification) => void;
  readonly #pending = new Map<number, Pending>();
  readonly #batch: Batch;
  readonly #stuckTimer: NodeJS.Timeout;
  #lastCall = 0;
  /** The last call when the stuck timer fired before. */
  #lastCallThen = 0;
  #up = true;

  private constructor(socket: WebSocket, events: LinkEvents, callTimeoutMs: number) {
    this.#socket = socket;
    this.#events = events;
    this.#notify = (notification) => events.notify(notification);
    this.#batch = new Batch((json) => {
      if (this.#up) socket.send(json);
    });
    this.#stuckTimer = setInterval(() => this.#breakWhenStuck(), callTimeoutMs);
    this.#stuckTimer.unref();
    socket.on('message', (data) => this.#receive(data.toString()));
    socket.on('close', () => this.#down());
  }

  /** Connects; rejects with BrokerUnavailable. A link on which a call waits for `callTimeoutMs` or somewhat longer is broken off. */
  static open(socketPath: string, callTimeoutMs: number, events: LinkEvents): Promise<Link> {
    return new Promise((resolve, reject) => {
      // Not `ws+unix:`, in which a path that has a colon can't be written.
      const socket = new WebSocket('ws://broker/', {
        createConnection: () => connect(socketPath),
        perMessageDeflate: false,
        skipUTF8Validation: true,
        maxPayload: MAX_FRAME_BYTES,
        handshakeTimeout: callTimeoutMs,
      });
      socket.once('open', () => resolve(new Link(socket, events, callTimeoutMs)));
      // Stays: an error is always followed by `close`, which is handled.
      socket.on('error', (error) => reject(new BrokerUnavailable(`No broker answers at ${socketPath}: ${error.message}`)));
    });
  }

  /** Sends a call; `interpret` makes its result of the answer's value, before anything that the server said later is handled. */
  call<T>(call: Call, interpret: (value: unknown) => T): Promise<T> {
    if (!this.#up) return Promise.reject(linkDown());
    if (this.#pending.size >= MAX_PENDING) return Promise.reject(new BrokerUnavailable(`${MAX_PENDING} calls wait for the broker.`));
    const n = ++this.#lastCall;
    this.#batch.add(JSON.stringify({ ...call, n } satisfies Request));
    return new Promise((resolve, reject) => {
      this.#pending.set(n, { answer: (value) => resolve(interpret(value)), reject });
    });
  }

  /** Sends what isn't answered; drops it when the link is down or backed up. */
  send(request: Extract<Request, { kind: 'event' }>): void {
    if (this.#up && this.#socket.bufferedAmount < MAX_BUFFERED_BYTES) this.#batch.add(JSON.stringify(request));
  }

  /** Sends what is batched, then closes. Resolves when the link is down. */
  end(): Promise<void> {
    if (!this.#up) return Promise.resolve();
    this.#batch.flush();
    return new Promise((resolve) => {
      this.#socket.once('close', () => resolve());
      this.#socket.close();
      // A server that is stalled answers no close.
      const impatience = setTimeout(() => this.#socket.terminate(), CLOSE_TIMEOUT_MS);
      this.#socket.once('close', () => clearTimeout(impatience));
      this.#down();
    });
  }

  #receive(text: string): void {
    for (const reply of JSON.parse(text) as Reply[]) {
      if (!this.#up) return;
      if (reply.kind === 'result') this.#take(reply.n)?.answer(reply.value);
      else if (reply.kind === 'failure') this.#take(reply.n)?.reject(failure(reply));
      else callListener(this.#notify, reply);
    }
  }

  #take(n: number): Pending | undefined {
    const pending = this.#pending.get(n);
    this.#pending.delete(n);
    return pending;
  }

  #breakWhenStuck(): void {
    const [oldest] = this.#pending.keys();
    if (oldest !== undefined && oldest <= this.#lastCallThen) this.#socket.terminate();
    this.#lastCallThen = this.#lastCall;
  }

  #down(): void {
    if (!this.#up) return;
    this.#up = false;
    clearInterval(this.#stuckTimer);
    for (const { reject } of this.#pending.values()) reject(linkDown());
    this.#pending.clear();
    this.#events.down();
  }
}

const linkDown = (): BrokerUnavailable => new BrokerUnavailable('The link to the broker is down.');

function failure(reply: Extract<Reply, { kind: 'failure' }>): Error {
  return reply.unavailable ? new BrokerUnavailable(reply.reason) : new Error(reply.reason);
}
