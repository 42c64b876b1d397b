import type { WebSocket } from 'ws';
import { Batch } from './batch.ts';
import { type Broker, type BrokerHealth, BrokerUnavailable } from './broker.ts';
import type { ChannelFanout, Told } from './fanout.ts';
import type { Reply, Request } from './wire.ts';

/** The server's end of one gateway's link. */
export class ServerLink implements Told {
  readonly #broker: Broker;
  readonly #fanout: ChannelFanout;
  readonly #socket: WebSocket;
  readonly #subscribed = new Set<string>();
  readonly #maxBufferedBytes: number;
  readonly #batch: Batch;
  #open = true;

  constructor(broker: Broker, fanout: ChannelFanout, socket: WebSocket, maxBufferedBytes: number) {
    this.#broker = broker;
    this.#fanout = fanout;
    this.#socket = socket;
    this.#maxBufferedBytes = maxBufferedBytes;
    this.#batch = new Batch((json) => this.#send(json));
  }

  start(): void {
    this.#socket.on('message', (data) => this.#receive(data.toString()));
    this.#socket.on('close', () => this.#end());
    this.#socket.on('error', () => this.#socket.terminate());
  }

  tell(json: string): void {
    if (this.#open) this.#batch.add(json);
  }

  /** How the served broker is. */
  tellHealth(health: BrokerHealth): void {
    this.#reply({ kind: 'health', health });
  }

  #send(json: string): void {
    if (!this.#open) return;
    if (this.#socket.bufferedAmount > this.#maxBufferedBytes) this.#socket.terminate();
    else this.#socket.send(json);
  }

  #receive(text: string): void {
    try {
      for (const request of JSON.parse(text) as Request[]) {
        if (request.kind === 'event') this.#broker.sendEvent(request.channel, request.event);
        else this.#answer(request.n, this.#call(request));
      }
    } catch {
      this.#socket.close(1007, 'Not an array of requests.');
    }
  }

  #answer(n: number, result: Promise<unknown>): void {
    result.then(
      (value) => this.#reply({ kind: 'result', n, value }),
      (error: unknown) =>
        this.#reply({
          kind: 'failure',
          n,
          unavailable: error instanceof BrokerUnavailable,
          reason: error instanceof Error ? error.message : String(error),
        }),
    );
  }

  #reply(reply: Reply): void {
    this.tell(JSON.stringify(reply));
  }

  #call(request: Exclude<Request, { kind: 'event' }>): Promise<unknown> {
    const { channel } = request;
    switch (request.kind) {
      case 'publish':
        return this.#broker.publish(channel, request.message);
      case 'read':
        return this.#broker.read(channel, request.after, request.limit);
      case 'page':
        return this.#broker.page(channel, request.before, request.limit);
      case 'head':
        return this.#broker.head(channel);
      case 'subscribe':
        this.#subscribed.add(channel);
        return this.#fanout.subscribe(channel, this);
      case 'unsubscribe':
        this.#subscribed.delete(channel);
        return this.#fanout.unsubscribe(channel, this);
      case 'join':
        return this.#broker.join(channel, request.entry, request.ttlMs).then(({ version }) => version);
      case 'leave':
        return this.#broker.leave(channel, request.member, request.connection);
      case 'presence':
        return this.#broker.presence(channel);
      default:
        return Promise.reject(new Error(`Unknown request ${JSON.stringify(request satisfies never)}.`));
    }
  }

  #end(): void {
    this.#open = false;
    for (const channel of this.#subscribed) void this.#fanout.unsubscribe(channel, this).catch(() => {});
    this.#subscribed.clear();
  }
}
