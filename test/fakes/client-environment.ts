import type { Environment, WebSocketLike } from '../../client/environment.ts';
import type { ClientMessage, Connected, ServerMessage } from '../../protocol/messages.ts';
import { asEpoch, asOffset, type Position } from '../../protocol/position.ts';
import { VirtualTime } from './virtual-time.ts';

/** A WebSocket whose other side is the test. */
export class FakeSocket implements WebSocketLike {
  readonly url: string;
  readonly protocols: readonly string[];
  readyState = 0;
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  /** What the client said. */
  readonly said: ClientMessage[] = [];
  /** The code with which the client closed it. */
  closedWith: number | null = null;

  constructor(url: string, protocols: string[]) {
    this.url = url;
    this.protocols = protocols;
  }

  send(data: string): void {
    if (this.readyState !== 1) throw new Error('the socket is not open');
    this.said.push(JSON.parse(data));
  }

  close(code = 1005): void {
    this.readyState = 3;
    this.closedWith ??= code;
  }

  open(): this {
    this.readyState = 1;
    this.onopen?.({} as never);
    return this;
  }

  /** Opens, welcomes the client as g2, and starts the channel's stream at 5. */
  serve(): this {
    return this.open().say(connected({ gateway: 'g2' }), subscribed(at(5)));
  }

  say(...messages: ServerMessage[]): this {
    for (const message of messages) this.onmessage?.({ data: JSON.stringify(message) } as never);
    return this;
  }

  drop(code = 1006, reason = ''): void {
    this.readyState = 3;
    this.onclose?.({ code, reason } as never);
  }

  /** The messages of a type that the client said. */
  saidOf<T extends ClientMessage['type']>(type: T): Extract<ClientMessage, { type: T }>[] {
    return this.said.filter((message) => message.type === type) as Extract<ClientMessage, { type: T }>[];
  }
}

/** An environment in the hands of a test: time, chance, sockets, the network and the page. */
export class FakeEnvironment implements Environment {
  readonly time = new VirtualTime();
  readonly sockets: FakeSocket[] = [];
  readonly WebSocket: Environment['WebSocket'];
  fetch: Environment['fetch'] = null;
  /** What `random` gives. */
  chance = 0.5;
  isOnline = true;
  isVisible = true;
  #ids = 0;
  readonly #listeners = new Set<() => void>();

  constructor() {
    const { sockets } = this;
    this.WebSocket = class extends FakeSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        sockets.push(this);
      }
    };
  }

  now = () => this.time.now();
  wallClock = () => 1_700_000_000_000 + this.time.now();
  setTimeout = (run: () => void, ms: number) => this.time.setTimeout(run, ms);
  clearTimeout = (timer: unknown) => this.time.clearTimeout(timer);
  random = () => this.chance;
  randomId = () => `id${String(++this.#ids).padStart(30, '0')}`;
  readonly wake = {
    online: () => this.isOnline,
    visible: () => this.isVisible,
    onChange: (listener: () => void) => {
      this.#listeners.add(listener);
      return () => this.#listeners.delete(listener);
    },
  };

  /** Those who listen for wake-ups. */
  get wakeListeners(): number {
    return this.#listeners.size;
  }

  change(changes: { readonly online?: boolean; readonly visible?: boolean }): void {
    this.isOnline = changes.online ?? this.isOnline;
    this.isVisible = changes.visible ?? this.isVisible;
    for (const listener of this.#listeners) listener();
  }

  /** The newest socket. */
  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error('the client has opened no socket');
    return socket;
  }
}

/** Position `offset` of a line; its digest names the line too. */
export const at = (offset: number, line = 'a', epoch = 'e1'): Position => ({
  epoch: asEpoch(epoch),
  offset: asOffset(offset),
  digest: offset === 0 ? '' : `${line}${offset}`,
});

export const connected = (changes: Partial<Connected> = {}): Connected => ({
  type: 'connected',
  gateway: 'g1',
  member: 'me',
  heartbeatMs: 10_000,
  reconnectSpreadMs: 1_000,
  limits: { messageBytes: 1_000, channels: 10, messagesPerSecond: 10 },
  ...changes,
});

export const subscribed = (position: Position, recovered = true, channel = 'c'): ServerMessage => ({
  type: 'subscribed',
  channel,
  position,
  recovered,
});

export const message = (position: Position, channel = 'c'): ServerMessage => ({
  type: 'message',
  channel,
  position,
  id: `m${position.digest}`,
  member: 'other',
  time: 0,
  data: position.offset,
});

export const gap = (from: Position, to: Position, channel = 'c'): ServerMessage => ({ type: 'gap', channel, from, to });

export const published = (id: string, position: Position, channel = 'c'): ServerMessage => ({ type: 'published', channel, id, position });
