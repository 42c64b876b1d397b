import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type Server, type WebSocket, WebSocketServer } from 'ws';
import { CLOSE_CODES } from '../../../protocol/close-codes.ts';
import { SUBPROTOCOL, WEBSOCKET_PATH } from '../../../protocol/paths.ts';
import type { Flusher } from '../../channels/flusher.ts';
import type { SessionContext } from '../../session/context.ts';
import type { Admission } from '../admission.ts';
import { closeReason } from '../close-reason.ts';
import { cordonedMigrate } from '../cordoned.ts';
import type { ConnectionTable } from '../table.ts';
import { ClientSocket, WebSocketConnection, type WebSocketContext } from './connection.ts';

/** What a WebSocketTransport needs. */
export interface WebSocketTransportOptions {
  readonly session: SessionContext;
  readonly flusher: Flusher;
  readonly admission: Admission;
  readonly table: ConnectionTable;
  readonly nextId: () => number;
  readonly idPrefix: string;
}

const SWEEP_MS = 500;
/** How long a client may take from the upgrade to its `connect`. */
const CONNECT_TENTHS = 100;
/** How long a client may take to answer a close frame, before its socket is destroyed. */
const CLOSE_MS = 5_000;

/** All WebSocket connections of a gateway. One sweep pings them all and finds the dead. */
export class WebSocketTransport {
  readonly #options: WebSocketTransportOptions;
  readonly #context: WebSocketContext;
  readonly #server: Server<typeof ClientSocket>;
  readonly #connections: WebSocketConnection[] = [];
  #timer: NodeJS.Timeout | null = null;
  #emptied: (() => void) | null = null;

  constructor(options: WebSocketTransportOptions) {
    this.#options = options;
    const { session, flusher, idPrefix } = options;
    this.#context = { session, flusher, idPrefix, queueBytes: session.settings.queueBytes, ended: (connection) => this.#ended(connection) };
    const serverOptions = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      // A closure less for each connection; pings are answered by the shared listener.
      autoPong: false,
      maxPayload: session.settings.messageBytes,
      closeTimeout: CLOSE_MS,
      handleProtocols: () => SUBPROTOCOL,
      WebSocket: ClientSocket,
    };
    this.#server = new WebSocketServer(serverOptions);
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#sweep(), SWEEP_MS);
    this.#timer.unref();
  }

  /** Takes over a connection that asks to become a WebSocket, or says why not. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    const [path] = (req.url ?? '').split('?', 1);
    if (path !== WEBSOCKET_PATH) {
      refuseUpgrade(socket, '404 Not Found', `There is no WebSocket at ${path}; it is at ${WEBSOCKET_PATH}.`);
      return;
    }
    if (!offered(req).includes(SUBPROTOCOL)) {
      const given = req.headers['sec-websocket-protocol'] ?? 'none';
      refuseUpgrade(socket, '400 Bad Request', `Sec-WebSocket-Protocol is ${given}; offer ${SUBPROTOCOL}.`);
      return;
    }
    this.#server.handleUpgrade(req, socket, head, (ws) => this.#upgraded(ws, socket));
  }

  /** Closes all, and resolves when they are gone: those that don't answer within `graceMs` are destroyed. */
  async close(graceMs: number): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#server.close();
    if (this.#connections.length === 0) return;
    const emptied = new Promise<void>((resolve) => {
      this.#emptied = resolve;
    });
    for (const connection of [...this.#connections]) connection.close('goingAway');
    const timer = setTimeout(() => {
      for (const connection of [...this.#connections]) connection.terminate();
    }, graceMs);
    await emptied;
    clearTimeout(timer);
  }

  #upgraded(ws: ClientSocket, socket: Duplex): void {
    ws.on('error', onError);
    const { admission, session, nextId, table } = this.#options;
    const admitted = admission.admit();
    if (admitted.kind === 'refuse') {
      // A browser can't read an HTTP refusal, but it can read a close frame.
      ws.close(CLOSE_CODES.tryAgainLater.code, closeReason(admitted.retryAfterMs));
      return;
    }
    const tenths = Math.floor(session.now() / 100);
    const connection = new WebSocketConnection(nextId(), ws, socket, this.#context, tenths + CONNECT_TENTHS);
    ws.connection = connection;
    ws.on('message', onMessage);
    ws.on('ping', onPing);
    ws.on('pong', onPong);
    ws.on('close', onClose);
    connection.place = this.#connections.push(connection) - 1;
    table.add(connection);
    if (admitted.kind === 'accept-and-migrate') connection.migrate(cordonedMigrate(session.random));
  }

  #ended(connection: WebSocketConnection): void {
    const { place } = connection;
    if (place < 0) return;
    connection.place = -1;
    const last = this.#connections.pop();
    if (last !== undefined && last !== connection) {
      this.#connections[place] = last;
      last.place = place;
    }
    this.#options.table.remove(connection);
    if (this.#connections.length === 0) this.#emptied?.();
  }

  #sweep(): void {
    const tenths = Math.floor(this.#options.session.now() / 100);
    for (let i = this.#connections.length - 1; i >= 0; i--) this.#connections[i]?.look(tenths);
  }
}

function offered(req: IncomingMessage): string[] {
  return (req.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
}

function refuseUpgrade(socket: Duplex, status: string, text: string): void {
  const body = `${text}\n`;
  socket.on('error', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

// One listener for all connections, not a closure for each: a connection is found through its socket.

function connectionOf(ws: WebSocket): WebSocketConnection | null {
  return ws instanceof ClientSocket ? ws.connection : null;
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  if (isBinary) connectionOf(this)?.close('notText');
  else connectionOf(this)?.receive(data.toString());
}

function onPing(this: WebSocket, data: Buffer): void {
  connectionOf(this)?.pinged(data);
}

function onPong(this: WebSocket): void {
  connectionOf(this)?.heard();
}

function onClose(this: WebSocket, code: number): void {
  connectionOf(this)?.closed(code);
}

/** `ws` closes the connection by itself after an error; `close` tells of it. */
function onError(): void {}
