import { CLOSE_CODES } from '../protocol/close-codes.ts';
import type { Connected } from '../protocol/messages.ts';
import { SUBPROTOCOL } from '../protocol/paths.ts';
import { hintOf } from './backoff.ts';
import type { Environment, WebSocketConstructor, WebSocketLike } from './environment.ts';
import { Heartbeat } from './heartbeat.ts';
import { decode, isEvent, type Link, type LinkListener } from './link.ts';

/** A link over a WebSocket. opening → open → ended; `close` and `fail` end it from either. Its heart beats from `connected` on: until then whoever opened it has a time limit. */
export class WebSocketLink implements Link {
  readonly transport = 'websocket';
  readonly #WebSocket: WebSocketConstructor;
  readonly #url: string;
  readonly #listener: LinkListener;
  readonly #heartbeat: Heartbeat;
  #socket: WebSocketLike | null = null;
  #opened = false;
  #ended = false;

  constructor(env: Environment, WebSocket: WebSocketConstructor, url: string, listener: LinkListener) {
    this.#WebSocket = WebSocket;
    this.#url = url;
    this.#listener = listener;
    const { code } = CLOSE_CODES.heartbeatLost;
    this.#heartbeat = new Heartbeat(env, {
      ping: () => this.#say('{"type":"ping"}'),
      dead: () => this.fail(code, 'the gateway answers no ping'),
    });
  }

  start(): void {
    const socket = new this.#WebSocket(this.#url, [SUBPROTOCOL]);
    this.#socket = socket;
    socket.onopen = () => this.#open();
    socket.onmessage = ({ data }: { readonly data: unknown }) => this.#hear(data);
    socket.onclose = ({ code, reason }: { readonly code: number; readonly reason: string }) => this.#end(code, String(reason));
    // Each error is followed by a close; the `ws` package throws those that nobody listens to.
    socket.onerror = () => {};
  }

  send(text: string): void {
    if (this.#ended || !this.#opened) return;
    this.#say(text);
    if (!isEvent(text)) this.#heartbeat.said();
  }

  sendSubscription(text: string): void {
    this.send(text);
  }

  adapt({ heartbeatMs }: Connected): void {
    if (!this.#ended) this.#heartbeat.start(heartbeatMs);
  }

  probe(): void {
    if (!this.#ended) this.#heartbeat.probe();
  }

  fail(code: number, reason: string): void {
    if (this.#ended) return;
    this.#finish();
    this.#shut(code, reason);
    this.#socket?.terminate?.();
    this.#tell(code, reason);
  }

  close(): void {
    if (this.#ended) return;
    this.#finish();
    this.#shut(CLOSE_CODES.normal.code, '');
  }

  #say(text: string): void {
    this.#socket?.send(text);
  }

  #open(): void {
    if (this.#ended) return;
    this.#opened = true;
    this.#listener.opened();
  }

  #hear(data: unknown): void {
    if (this.#ended) return;
    this.#heartbeat.heard();
    const message = decode(data);
    if (message === null) this.fail(CLOSE_CODES.internalError.code, 'the gateway said what is no message');
    else this.#listener.heard(message);
  }

  #end(code: number, reason: string): void {
    if (this.#ended) return;
    this.#finish();
    this.#tell(code, reason);
  }

  #tell(code: number, reason: string): void {
    this.#listener.ended({ code, reason, opened: this.#opened, retryAfterMs: hintOf(reason) });
  }

  #finish(): void {
    this.#ended = true;
    this.#heartbeat.stop();
  }

  /** A page may close with 1000 and codes from 3000 on only. */
  #shut(code: number, reason: string): void {
    const allowed = code === 1000 || code >= 3000;
    this.#socket?.close(allowed ? code : CLOSE_CODES.normal.code, reason);
  }
}
