import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Pace, paced } from '../pace.ts';
import { type FrameCounts, newFrameCounts } from './frames.ts';
import { percentile, stampedData, stampOf } from './latencies.ts';
import { ClientSocket } from './socket.ts';

export interface Crowd {
  /** The ports of the servers; a channel's subscribers, and the publishers, are spread over them evenly. */
  readonly ports: readonly number[];
  readonly subscribers: number;
  /** Subscriber i is subscribed to the channel i modulo this. */
  readonly channels: number;
  readonly publishers: number;
}

/** Messages, round robin over the channels and publishers. */
export interface Traffic extends Pace {
  readonly bytes: number;
  /** A message that is not delivered so long after the last was sent is given up. */
  readonly giveUpMs: number;
  /** The server acknowledges each message: that is waited for too. */
  readonly acknowledged?: boolean;
}

export interface Delivered {
  readonly sent: number;
  readonly expected: number;
  readonly delivered: number;
  readonly acknowledged: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** From the first message sent to the last delivered, or until it was given up. */
  readonly elapsedMs: number;
}

/** One subscriber in so many takes latencies; it decodes its messages, which would be too slow for all. */
const SAMPLED = 50;
const QUIET_MS = 100;
/** Connections that are opened at the same time: few enough for a server's backlog. */
const OPENING = 100;

/** A crowd of subscribers and a few publishers, all connected to one server. */
export class Load {
  readonly #crowd: Crowd;
  readonly #counts: FrameCounts = newFrameCounts();
  readonly #sockets: ClientSocket[] = [];
  readonly #publishers: ClientSocket[] = [];
  #latencies: number[] = [];
  #published = 0;

  private constructor(crowd: Crowd) {
    this.#crowd = crowd;
  }

  /** Connects and subscribes all. */
  static async open(crowd: Crowd): Promise<Load> {
    const load = new Load(crowd);
    const { subscribers, publishers } = crowd;
    for (let i = 0; i < subscribers; i += OPENING) {
      const some = Array.from({ length: Math.min(OPENING, subscribers - i) }, (_, k) => load.#subscriber(i + k));
      load.#sockets.push(...(await Promise.all(some)));
    }
    for (let i = 0; i < publishers; i++) load.#publishers.push(await load.#connect(i, null));
    await load.#until(() => load.#counts.subscribed >= subscribers && load.#counts.connected >= subscribers + publishers, 10_000);
    return load;
  }

  /** Publishes for a while; waits until all is delivered, or is given up. */
  async run({ bytes, giveUpMs, acknowledged = false, ...pace }: Traffic): Promise<Delivered> {
    await this.#quiet();
    this.#latencies = [];
    const before = { ...this.#counts };
    const start = performance.now();
    const sent = await paced(pace, (count) => this.#publish(count, bytes));
    const expected = (sent * this.#crowd.subscribers) / this.#crowd.channels;
    const all = (): boolean =>
      this.#counts.messages - before.messages >= expected - expected * 0.001 &&
      (!acknowledged || this.#counts.published - before.published >= sent);
    await this.#until(all, giveUpMs).catch(() => {});
    if (this.#counts.unexpected !== null) throw new Error(`The server said: ${this.#counts.unexpected}`);
    return {
      sent,
      expected,
      delivered: this.#counts.messages - before.messages,
      acknowledged: this.#counts.published - before.published,
      p50Ms: percentile(this.#latencies, 0.5),
      p99Ms: percentile(this.#latencies, 0.99),
      elapsedMs: performance.now() - start,
    };
  }

  close(): void {
    for (const socket of [...this.#sockets, ...this.#publishers]) socket.destroy();
  }

  #publish(count: number, bytes: number): void {
    const batches = new Map<ClientSocket, object[]>();
    for (let i = 0; i < count; i++) {
      const n = this.#published++;
      const publisher = this.#publishers[n % this.#publishers.length] as ClientSocket;
      const data = stampedData(performance.now(), bytes);
      const batch = batches.get(publisher) ?? [];
      batch.push({ type: 'publish', channel: channelName(n % this.#crowd.channels), id: `${process.pid}-${n}`, data });
      batches.set(publisher, batch);
    }
    for (const [publisher, batch] of batches) publisher.sendAll(batch);
  }

  async #subscriber(i: number): Promise<ClientSocket> {
    const sampled = i % SAMPLED === SAMPLED - 1 || this.#crowd.subscribers < SAMPLED;
    const socket = await this.#connect(
      Math.floor(i / this.#crowd.channels),
      sampled ? (payload) => this.#latencies.push(performance.now() - stampOf(payload)) : null,
    );
    socket.send({ type: 'subscribe', channel: channelName(i % this.#crowd.channels) });
    return socket;
  }

  /** To the `i`th server, counted round and round. */
  async #connect(i: number, onMessage: ((payload: Buffer) => void) | null): Promise<ClientSocket> {
    const { ports } = this.#crowd;
    const socket = await ClientSocket.open(ports[i % ports.length] as number, this.#counts, onMessage);
    socket.send({ type: 'connect', session: randomBytes(16).toString('base64url') });
    return socket;
  }

  /** Waits until nothing of what was sent before, and given up, comes any more. */
  async #quiet(): Promise<void> {
    for (let seen = -1; seen !== this.#counts.messages; ) {
      seen = this.#counts.messages;
      await sleep(QUIET_MS);
    }
  }

  async #until(condition: () => boolean, timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!condition()) {
      if (this.#counts.unexpected !== null) throw new Error(`The server said: ${this.#counts.unexpected}`);
      if (performance.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${JSON.stringify(this.#counts)}`);
      await sleep(2);
    }
  }
}

const channelName = (i: number): string => `channel-${i}`;
