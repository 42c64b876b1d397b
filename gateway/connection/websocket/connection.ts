import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { CLOSE_CODES } from '../../../protocol/close-codes.ts';
import type { Migrate } from '../../../protocol/messages.ts';
import type { Batch } from '../../channels/batch.ts';
import type { Flusher } from '../../channels/flusher.ts';
import type { SessionContext } from '../../session/context.ts';
import { Session } from '../../session/session.ts';
import type { Transport } from '../../session/transport.ts';
import { closeReason } from '../close-reason.ts';
import type { Connection } from '../connection.ts';
import { frameText, PING_FRAME } from '../frames.ts';

/** Frames of so many bytes in all are copied into one buffer: that costs less than to have them gathered by the system. */
const COPIED_BYTES = 16_384;

/** The `ws` socket of one client, which knows its connection: so its listeners are shared by all, not made for each. */
export class ClientSocket extends WebSocket {
  connection: WebSocketConnection | null = null;
}

/** What all WebSocket connections of a gateway share. */
export interface WebSocketContext {
  readonly session: SessionContext;
  readonly flusher: Flusher;
  /** Before each connection's number, so that its id is unique among all gateways. */
  readonly idPrefix: string;
  /** A connection that has more than this to be written is too slow. */
  readonly queueBytes: number;
  /** The connection has ended. */
  readonly ended: (connection: WebSocketConnection) => void;
}

/**
 * One client on one WebSocket.
 * - open: what it is given is written.
 * - condemned: it reads too slowly: nothing more is written, and it is closed when the flush is over.
 * - closing: a close frame was sent; `ws` destroys the socket when the client doesn't answer in time.
 * - closed: out of the table.
 */
export class WebSocketConnection implements Connection, Transport {
  readonly id: number;
  readonly transport = 'websocket';
  migrating = false;
  /** Its place in the transport's list. */
  place = -1;
  readonly #context: WebSocketContext;
  readonly #ws: ClientSocket;
  readonly #socket: Duplex;
  readonly #session: Session;
  /** Frames that wait for the end of the turn; mostly there is one or none. */
  #queued: Buffer | null = null;
  #more: Buffer[] | null = null;
  #isQueued = false;
  #condemned = false;
  #heard = true;
  /** When it is looked at next, monotonic, in tenths of a second: a small integer takes no memory of its own. */
  #dueAt: number;

  /** `dueAt`: when `connect` must have come, monotonic, tenths of a second. */
  constructor(id: number, ws: ClientSocket, socket: Duplex, context: WebSocketContext, dueAt: number) {
    this.id = id;
    this.#ws = ws;
    this.#socket = socket;
    this.#context = context;
    this.#dueAt = dueAt;
    this.#session = new Session(context.session, this);
  }

  get connectionId(): string {
    return `${this.#context.idPrefix}.${this.id}`;
  }

  get congested(): boolean {
    return this.#socket.writableLength * 2 > this.#context.queueBytes;
  }

  /** A text frame came. */
  receive(text: string): void {
    this.#heard = true;
    this.#session.receive(text);
  }

  /** A pong came: the client lives. */
  heard(): void {
    this.#heard = true;
  }

  /** A ping came. Who sends many and reads none of the answers gets no more of them. */
  pinged(data: Buffer): void {
    this.#heard = true;
    if (!this.congested) this.#ws.pong(data);
  }

  deliver(batch: Batch, alone: boolean): void {
    if (alone && this.#queued === null) this.#write(batch.bytes);
    else this.#queue(batch.bytes);
  }

  send(text: string): void {
    this.#queue(frameText(text));
  }

  note(text: string): void {
    this.#queue(frameText(text));
  }

  settled(): void {
    // Answers are written as they come.
  }

  /** Writes what was queued in this turn as one write, and closes it when it was found to be too slow. */
  writeQueued(): void {
    this.#isQueued = false;
    if (this.#condemned) {
      this.#context.session.counters.slowConsumers++;
      this.close('slowConsumer');
      return;
    }
    const first = this.#queued;
    const more = this.#more;
    this.#queued = null;
    this.#more = null;
    if (first === null) return;
    if (more === null) {
      this.#write(first);
      return;
    }
    more.unshift(first);
    const bytes = more.reduce((sum, { length }) => sum + length, 0);
    if (bytes <= COPIED_BYTES) {
      this.#write(Buffer.concat(more, bytes));
      return;
    }
    this.#socket.cork();
    for (const frame of more) this.#write(frame);
    this.#socket.uncork();
  }

  migrate(message: Migrate): void {
    this.migrating = true;
    this.#session.migrate(message);
  }

  degraded(degraded: boolean): void {
    this.#session.degraded(degraded);
  }

  close(code: keyof typeof CLOSE_CODES, retryAfterMs?: number): void {
    this.migrating = true;
    if (this.#ws.readyState !== WebSocket.OPEN) return;
    this.#session.end('leave-later');
    if (this.#queued !== null && !this.#condemned) this.writeQueued();
    this.#ws.close(CLOSE_CODES[code].code, closeReason(retryAfterMs));
  }

  /** Ends it at once, without a close frame. */
  terminate(): void {
    this.#ws.terminate();
  }

  /** The socket is closed, with this code. */
  closed(code: number): void {
    this.migrating = true;
    this.#session.end(code === CLOSE_CODES.normal.code ? 'leave' : 'leave-later');
    this.#queued = null;
    this.#more = null;
    this.#context.ended(this);
  }

  /**
   * Looks whether it lives: it was heard since the last look, or is given up; then pings it. One that has not connected by its first look
   * is given up too. `tenths`: monotonic time.
   */
  look(tenths: number): void {
    if (tenths < this.#dueAt || this.#ws.readyState !== WebSocket.OPEN) return;
    if (!this.#heard || !this.#session.isConnected) {
      this.close('heartbeatLost');
      // The dead answer no close frame either.
      if (!this.#heard) this.#ws.terminate();
      return;
    }
    this.#heard = false;
    const { settings, random } = this.#context.session;
    // Those that came at once shall not be pinged at once for ever.
    this.#dueAt = tenths + Math.ceil((settings.heartbeatMs / 100) * (0.8 + random() / 5));
    this.#write(PING_FRAME);
  }

  #queue(frame: Buffer): void {
    if (this.#queued === null) {
      this.#queued = frame;
    } else {
      this.#more ??= [];
      this.#more.push(frame);
    }
    this.#enlist();
  }

  #write(frame: Buffer): void {
    if (this.#condemned || this.#ws.readyState !== WebSocket.OPEN) return;
    // Looked at before the write: however much comes at once, a client that has read all else gets it.
    if (this.#socket.writableLength > this.#context.queueBytes) {
      this.#condemned = true;
      this.#enlist();
    } else {
      this.#socket.write(frame);
    }
  }

  #enlist(): void {
    if (this.#isQueued) return;
    this.#isQueued = true;
    this.#context.flusher.queued(this);
  }
}
