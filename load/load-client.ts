import { type Channel, ChatClient, type ConnectionChange, type Message, type Position } from '../client/index.ts';
import { monotonicMs } from './clock.ts';
import type { Opening } from './connection-books.ts';
import { NodeSocket, watched } from './node-socket.ts';
import type { ObservationWriter } from './observations.ts';
import type { LoadOptions } from './options.ts';
import { payload, readPayload } from './payload.ts';
import { SlowReader } from './slow-reader.ts';

/** What one client of a run is made from. */
export interface LoadClientSettings {
  /** Its number in the run. */
  readonly index: number;
  /** Number and name of its channel. */
  readonly channel: number;
  readonly channelName: string;
  readonly run: string;
  readonly options: LoadOptions;
  readonly slow: boolean;
  readonly observations: ObservationWriter;
  readonly random: () => number;
  /** Ms since the run began. */
  readonly now: () => number;
}

const OPENINGS = { new: 'first', reconnect: 'reconnect', migrate: 'migrate' } as const satisfies Record<string, Opening>;

/** One real client of the SDK, and the observations of what it is told: nothing of it is judged here. */
export class LoadClient {
  readonly #settings: LoadClientSettings;
  readonly #slowReader: SlowReader | null;
  readonly #client: ChatClient;
  readonly #channel: Channel;
  #connections = 0;
  /** It had a connection once: what it tries from then on is to come back, or to move. */
  #wasConnected = false;
  #subscribed = false;

  constructor(settings: LoadClientSettings) {
    const { options, slow, index, channelName, random } = settings;
    this.#settings = settings;
    this.#slowReader = slow ? new SlowReader(random) : null;
    this.#client = new ChatClient({
      url: options.url,
      name: `load-${index}`,
      transports: [options.transport],
      webSocket: watched(this.#slowReader?.webSocket ?? NodeSocket, () => this.#try()),
      ...(this.#slowReader === null ? {} : { fetch: this.#slowReader.fetch }),
    });
    this.#channel = this.#client.channel(channelName);
  }

  /** It was subscribed once; from then on it may publish, connected or not, as a person would. */
  get mayPublish(): boolean {
    return this.#subscribed;
  }

  get unacknowledged(): number {
    return this.#client.unacknowledged;
  }

  start(): void {
    const { index, observations, now } = this.#settings;
    this.#client.on('connection', (change) => this.#connection(change));
    this.#channel.on('subscribed', ({ position }) => this.#stream(position));
    this.#channel.on('message', (message) => this.#message(message));
    this.#channel.on('gap', () => observations.gapTold(index, now()));
    observations.began(index, now());
    // A refusal shows in the books: the client never came.
    this.#channel.subscribe().catch(() => {});
    this.#client.connect();
  }

  publish(message: number): void {
    const { run, index, options, observations, now } = this.#settings;
    observations.sent(now());
    this.#channel.publish(payload({ run, message, publisher: index, sentAt: monotonicMs() }, options.size)).then(
      ({ position }) => observations.acknowledged({ message, publisher: index, ...this.#place(position) }, now()),
      () => observations.failed(now()),
    );
  }

  readNormally(): void {
    this.#slowReader?.stop();
  }

  async close(): Promise<void> {
    this.#slowReader?.stop();
    await this.#client.close({ flushMs: 0 });
  }

  #try(): void {
    if (this.#wasConnected) this.#settings.observations.tried(this.#settings.index, this.#settings.now());
  }

  #connection({ kind, cause, transport }: ConnectionChange): void {
    const { index, observations, now } = this.#settings;
    this.#connections += kind === 'opened' ? 1 : -1;
    // A poll is no try of its own: a session that opens is.
    if (kind === 'opened' && transport === 'longpoll') this.#try();
    this.#wasConnected = true;
    if (kind === 'opened') {
      observations.opened(index, now(), OPENINGS[cause]);
      if (this.#connections === 1) observations.up(index, now());
    } else if (this.#connections === 0) observations.down(index, now());
  }

  #stream(position: Position): void {
    if (this.#subscribed) return;
    this.#subscribed = true;
    const { line, offset } = this.#place(position);
    this.#settings.observations.subscribed(this.#settings.index, line, offset, this.#settings.now());
  }

  #message({ data, position }: Message): void {
    const { run, index, observations, now } = this.#settings;
    const content = readPayload(data, run);
    if (content === null) return;
    const { message, publisher, sentAt } = content;
    observations.delivered(index, { message, publisher, ...this.#place(position) }, now(), monotonicMs() - sentAt);
  }

  #place({ epoch, offset }: Position): { line: number; offset: number } {
    return { line: this.#settings.observations.line(this.#settings.channel, epoch), offset };
  }
}
