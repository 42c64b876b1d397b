import type { ClientMessage, Publish, ServerMessage, Subscribe } from '../../protocol/messages.ts';
import { type Position, samePosition } from '../../protocol/position.ts';
import type { ModelChannel, ModelMessage } from './model-broker.ts';

/** What a model session needs of its gateway. */
export interface ModelGateway {
  readonly name: string;
  channel(name: string): ModelChannel;
  /** Whether what is asked now is refused for now. */
  refuses(): boolean;
  /** Whether it fails to deliver a message, against all rules. */
  skips(): boolean;
  /** Answers are this late, each by chance. */
  later(run: () => void): void;
}

interface Standing {
  cursor: Position;
  readonly listener: (message: ModelMessage) => void;
}

/** What a gateway does for one connection, as docs/protocol.md says, in the simplest way. */
export class ModelSession {
  readonly #gateway: ModelGateway;
  readonly #say: (message: ServerMessage) => void;
  readonly #standings = new Map<string, Standing>();
  readonly #asked = new Map<string, number>();
  #ended = false;

  constructor(gateway: ModelGateway, say: (message: ServerMessage) => void) {
    this.#gateway = gateway;
    this.#say = (message) => {
      if (!this.#ended) say(message);
    };
  }

  hear(message: ClientMessage): void {
    switch (message.type) {
      case 'connect':
        this.#say({
          type: 'connected',
          gateway: this.#gateway.name,
          member: `member of ${message.session}`,
          heartbeatMs: 5_000,
          reconnectSpreadMs: 500,
          limits: { messageBytes: 4_096, channels: 10, messagesPerSecond: 100 },
        });
        break;
      case 'subscribe':
        this.#subscribe(message);
        break;
      case 'unsubscribe':
        this.#leave(message.channel);
        this.#asked.set(message.channel, (this.#asked.get(message.channel) ?? 0) + 1);
        this.#say({ type: 'unsubscribed', channel: message.channel });
        break;
      case 'publish':
        this.#publish(message);
        break;
      case 'ping':
        this.#say({ type: 'pong' });
        break;
      default:
        throw new Error(`the model knows no ${message.type}`);
    }
  }

  end(): void {
    this.#ended = true;
    for (const name of [...this.#standings.keys()]) this.#leave(name);
  }

  /** Answers late, so that other messages come between; the last subscribe of a channel counts, each gets one answer. */
  #subscribe({ channel: name, position }: Subscribe): void {
    this.#leave(name);
    const turn = (this.#asked.get(name) ?? 0) + 1;
    this.#asked.set(name, turn);
    this.#gateway.later(() => {
      if (this.#ended) return;
      if (this.#asked.get(name) !== turn || this.#gateway.refuses()) this.#refuse({ channel: name });
      else this.#start(name, position);
    });
  }

  #start(name: string, position: Position | undefined): void {
    const channel = this.#gateway.channel(name);
    const from = position ?? channel.head;
    const reading = channel.read(from);
    const start = reading.kind === 'gap' ? reading.to : from;
    this.#say({ type: 'subscribed', channel: name, position: start, recovered: reading.kind === 'messages' });
    if (reading.kind === 'gap') this.#say({ type: 'gap', channel: name, from, to: start });
    const standing: Standing = { cursor: start, listener: () => this.#catchUp(name, standing) };
    this.#standings.set(name, standing);
    channel.listeners.add(standing.listener);
    this.#catchUp(name, standing);
  }

  /** Delivers all after the cursor, and tells the gap when the line has gone. */
  #catchUp(name: string, standing: Standing): void {
    const channel = this.#gateway.channel(name);
    for (let reading = channel.read(standing.cursor); ; reading = channel.read(standing.cursor)) {
      if (reading.kind === 'gap') {
        if (samePosition(reading.to, standing.cursor)) throw new Error('a gap that leads nowhere');
        this.#say({ type: 'gap', channel: name, from: standing.cursor, to: reading.to });
        standing.cursor = reading.to;
        continue;
      }
      for (const { position, id, data } of reading.messages) {
        standing.cursor = position;
        if (!this.#gateway.skips()) this.#say({ type: 'message', channel: name, position, id, member: 'm', time: 0, data });
      }
      return;
    }
  }

  #publish({ channel, id, data }: Publish): void {
    if (this.#gateway.refuses()) {
      this.#refuse({ channel, id });
      return;
    }
    const { position, duplicate } = this.#gateway.channel(channel).publish(id, data);
    this.#gateway.later(() => this.#say({ type: 'published', channel, id, position, ...(duplicate ? { duplicate } : {}) }));
  }

  #refuse(about: { readonly channel: string; readonly id?: string }): void {
    this.#say({ type: 'error', code: 'unavailable', message: 'not now', retryable: true, retryAfterMs: 50, ...about });
  }

  #leave(name: string): void {
    const standing = this.#standings.get(name);
    if (standing === undefined) return;
    this.#standings.delete(name);
    this.#gateway.channel(name).listeners.delete(standing.listener);
  }
}
