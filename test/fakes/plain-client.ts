import { WebSocket } from 'ws';
import type { ClientMessage, ServerMessage } from '../../protocol/messages.ts';
import { SUBPROTOCOL } from '../../protocol/paths.ts';

type OfType<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>;

/** How a connection ended. */
export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** A WebSocket client without any cleverness: it says what it is told to, and keeps all that it hears, in order. */
export class PlainClient {
  readonly ws: WebSocket;
  readonly heard: ServerMessage[] = [];
  /** The texts of `heard`, as they came. */
  readonly texts: string[] = [];
  readonly closed: Promise<Closed>;
  readonly #waiting = new Set<() => void>();
  #taken = new Set<ServerMessage>();

  constructor(url: string, subprotocol: string = SUBPROTOCOL) {
    this.ws = new WebSocket(url, subprotocol, { perMessageDeflate: false });
    this.ws.on('message', (data) => {
      this.texts.push(data.toString());
      this.heard.push(JSON.parse(data.toString()) as ServerMessage);
      for (const check of this.#waiting) check();
    });
    this.ws.on('error', () => {});
    this.closed = new Promise((resolve) => {
      this.ws.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
  }

  /** One that has said connect, and was welcomed. */
  static async connect(url: string, connect: Partial<Extract<ClientMessage, { type: 'connect' }>> = {}): Promise<PlainClient> {
    const client = new PlainClient(url);
    await client.opened();
    client.say({ type: 'connect', session: crypto.randomUUID(), ...connect });
    await client.next('connected');
    return client;
  }

  opened(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.ws.once('open', resolve);
      this.ws.once('error', reject);
    });
  }

  say(message: ClientMessage): void {
    this.ws.send(JSON.stringify(message));
  }

  /** The next message of this type that was not given out before, whether it has come already or is to come. */
  next<T extends ServerMessage['type']>(type: T): Promise<OfType<T>> {
    return this.until(() => {
      const found = this.heard.find((message) => message.type === type && !this.#taken.has(message));
      if (found === undefined) return undefined;
      this.#taken.add(found);
      return found as OfType<T>;
    });
  }

  /** Waits until `check` gives something, looking again after each message. */
  until<R>(check: () => R | undefined): Promise<R> {
    return new Promise((resolve) => {
      const look = () => {
        const result = check();
        if (result === undefined) return;
        this.#waiting.delete(look);
        resolve(result);
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** All of this type that were heard so far. */
  all<T extends ServerMessage['type']>(type: T): OfType<T>[] {
    return this.heard.filter((message): message is OfType<T> => message.type === type);
  }

  async close(code = 1000): Promise<void> {
    this.ws.resume();
    if (this.ws.readyState === WebSocket.OPEN) this.ws.close(code);
    else this.ws.terminate();
    await this.closed;
  }
}
