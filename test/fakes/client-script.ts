import { ChatClient } from '../../client/client.ts';
import type { ClientOptions } from '../../client/options.ts';
import type { Position } from '../../protocol/position.ts';
import { at, connected, FakeEnvironment, type FakeSocket, subscribed } from './client-environment.ts';

/** A client in the hands of a test, what it told, and steps that many tests begin with. */
export class ClientScript {
  readonly env = new FakeEnvironment();
  readonly client: ChatClient;
  /** What it told, in order, short. */
  readonly told: string[] = [];
  /** How its publishes ended. */
  readonly results: Record<string, unknown> = {};

  constructor(options: Partial<ClientOptions> = {}) {
    this.client = new ChatClient({ url: 'http://gateways', transports: ['websocket'], environment: this.env, ...options });
    this.client.on('state', (state) => this.told.push(state.kind === 'waiting' ? `waiting: ${state.reason}` : state.kind));
    this.client.on('connection', ({ kind, cause }) => this.told.push(`${kind} (${cause})`));
    this.client.on('migrated', ({ from, to, reason }) => this.told.push(`migrated ${from} → ${to} (${reason})`));
    this.client.on('degraded', ({ active }) => this.told.push(active ? 'degraded' : 'not degraded'));
    this.client.on('error', ({ code }) => this.told.push(`error ${code}`));
    const { channel } = this;
    channel.on('message', ({ position }) => this.told.push(`message ${position.offset}`));
    channel.on('gap', ({ from, to }) => this.told.push(`gap ${from.offset}–${to.offset}`));
    channel.on('subscribed', ({ position, cause }) => this.told.push(`subscribed at ${position.offset} (${cause})`));
    channel.on('event', ({ name }) => this.told.push(`event ${name}`));
    channel.on('join', ({ member }) => this.told.push(`+${member}`));
    channel.on('leave', ({ member }) => this.told.push(`-${member}`));
    channel.on('error', ({ code }) => this.told.push(`channel error ${code}`));
  }

  get channel() {
    return this.client.channel('c');
  }

  get socket(): FakeSocket {
    return this.env.socket;
  }

  /** What was told since the last call. */
  news(): string[] {
    return this.told.splice(0);
  }

  publish(id: string): void {
    this.channel.publish(id, id).then(
      ({ position }) => {
        this.results[id] = position.offset;
      },
      (error: { code: string }) => {
        this.results[id] = error.code;
      },
    );
  }

  pass(ms: number): Promise<void> {
    return this.env.time.advance(ms);
  }

  /** The newest socket opens and is welcomed, and the channel's stream starts at the position. */
  serve(position: Position = at(5), gateway = 'g1'): FakeSocket {
    return this.socket.open().say(connected({ gateway }), subscribed(position));
  }

  /** Connected to g1 and subscribed at 5, with nothing told yet. */
  async begin(options: { readonly presence?: boolean } = {}): Promise<this> {
    void this.channel.subscribe(options);
    this.client.connect();
    await this.pass(0);
    this.serve();
    await this.pass(0);
    this.news();
    return this;
  }
}
