import { createServer, type Server, type Socket } from 'node:net';
import { readHead } from './request-head.ts';

/** What is known of a connection whose first request's head was read. */
export interface Arrival {
  readonly socket: Socket;
  /** All that was read from it. */
  readonly head: Buffer;
  /** Of the request; `null` when the bytes are no HTTP/1 request. */
  readonly path: string | null;
  readonly session: string | null;
  /** The client's address. */
  readonly address: string;
}

export interface FrontDoorOptions {
  readonly port: number;
  readonly host: string;
  /** Gets each connection, which nobody reads from: it must be resumed or handed on. */
  readonly arrived: (arrival: Arrival) => void;
  /** Until the first request's head must be complete, ms. */
  readonly headTimeoutMs?: number;
  /** The most connections whose head is not complete; above it the oldest is closed. */
  readonly maxWaiting?: number;
}

const HEAD_TIMEOUT_MS = 10_000;
const MAX_WAITING = 10_000;

/**
 * Listens on the public port and reads the first request's head from each connection, no more. Whoever connects and says nothing, or
 * says it byte by byte, holds a place here for a limited time and never reaches a gateway.
 */
export class FrontDoor {
  readonly #options: FrontDoorOptions;
  readonly #server: Server;
  /** In the order of their arrival. */
  readonly #waiting = new Set<Socket>();

  constructor(options: FrontDoorOptions) {
    this.#options = options;
    // Half-open, as Node's own HTTP server has it: a client may end its side before it has the answer.
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#peek(socket));
  }

  /** Resolves to the port when it listens; rejects with the system's error (EADDRINUSE …). */
  open(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port: this.#options.port, host: this.#options.host, backlog: 2048 }, () => {
        this.#server.off('error', reject);
        const address = this.#server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : this.#options.port);
      });
    });
  }

  /** Takes no more connections; those that have not said what they want are closed. */
  close(): void {
    this.#server.close();
    for (const socket of this.#waiting) socket.destroy();
    this.#waiting.clear();
  }

  #peek(socket: Socket): void {
    const { arrived, headTimeoutMs = HEAD_TIMEOUT_MS, maxWaiting = MAX_WAITING } = this.#options;
    const chunks: Buffer[] = [];
    let length = 0;
    const timer = setTimeout(() => socket.destroy(), headTimeoutMs);
    const leave = () => {
      clearTimeout(timer);
      this.#waiting.delete(socket);
      socket.off('data', read).off('end', abandon).off('close', leave);
    };
    const abandon = () => socket.destroy();
    const read = (chunk: Buffer) => {
      chunks.push(chunk);
      const bytes = chunks.length === 1 ? chunk : Buffer.concat(chunks);
      chunks.splice(0, chunks.length, bytes);
      const head = readHead(bytes, length);
      length = bytes.length;
      if (head.kind === 'incomplete') return;
      leave();
      socket.pause();
      const { path, session } = head.kind === 'request' ? head : { path: null, session: null };
      arrived({ socket, head: bytes, path, session, address: socket.remoteAddress ?? '' });
    };
    socket.on('error', abandon).on('data', read).on('end', abandon).on('close', leave);
    this.#waiting.add(socket);
    if (this.#waiting.size > maxWaiting) oldest(this.#waiting)?.destroy();
  }
}

function oldest(sockets: ReadonlySet<Socket>): Socket | undefined {
  return sockets.values().next().value;
}

const LINGER_MS = 1000;

/** Refuses a connection that no gateway can take now. */
export function refuse(socket: Socket, retryAfterSeconds: number): void {
  const body = 'No gateway can take a connection now.\n';
  const headers = [
    `Retry-After: ${retryAfterSeconds}`,
    'Content-Type: text/plain',
    `Content-Length: ${body.length}`,
    'Access-Control-Allow-Origin: *',
    'Connection: close',
  ];
  // What is still coming is read away for a moment: closing on it would reset the connection before the answer is read.
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.on('close', () => clearTimeout(timer)).resume();
  socket.end(`HTTP/1.1 503 Service Unavailable\r\n${headers.join('\r\n')}\r\n\r\n${body}`);
}
