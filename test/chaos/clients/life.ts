import { setTimeout as sleep } from 'node:timers/promises';
import { ChatClient, ChatError, type Position } from '../../../client/index.ts';
import type { Person } from '../load/plan.ts';
import type { Recorder } from '../recorder.ts';
import type { Figures } from './figures.ts';
import { CHAT_URL, type Network } from './network.ts';
import { Seat } from './seat.ts';

/** What all the lives of a person have in common. */
export interface LifeOptions {
  readonly person: Person;
  readonly network: Network;
  readonly recorder: Recorder;
  readonly figures: Figures;
  /** A message was given up that the application may try again. */
  readonly gaveUp: (id: string) => void;
}

const BACKOFF = { baseMs: 200, maxMs: 2_000 };
const CONNECT_TIMEOUT_MS = 4_000;
const REFUSED_PAUSE_MS = 500;

/** One run of a person's application: a client of the SDK, which the checker knows by a name of its own. */
export class Life {
  readonly name: string;
  readonly #options: LifeOptions;
  readonly #client: ChatClient;
  readonly #seats = new Map<string, Seat>();
  readonly #ended = new AbortController();
  #connections = 0;
  #silentSince: number | null = null;

  /** `positions`: of the life before; a channel without one is joined at its head. */
  constructor(options: LifeOptions, number: number, positions: ReadonlyMap<string, Position | null>) {
    const { person, network, recorder, figures } = options;
    this.name = `${person.name}.${number}`;
    this.#options = options;
    this.#client = new ChatClient({
      url: CHAT_URL,
      name: this.name,
      transports: [person.transport],
      webSocket: network.webSocket,
      fetch: network.fetch,
      backoff: BACKOFF,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
    });
    for (const channel of person.channels) {
      this.#seats.set(channel, new Seat(this.name, this.#client.channel(channel), positions.get(channel) ?? null, recorder));
    }
    this.#client.on('connection', ({ kind, cause }) => {
      if (kind === 'opened' && cause === 'reconnect') figures.reconnects++;
      if (kind === 'opened' && cause === 'migrate') figures.migrations++;
      this.#connections += kind === 'opened' ? 1 : -1;
      if (this.#connections > 0) this.endSilence();
      else if (!network.isCut) this.#silentSince = recorder.now();
    });
    this.#client.on('degraded', ({ active }) => {
      if (active) figures.degraded++;
    });
  }

  get positions(): ReadonlyMap<string, Position | null> {
    return new Map([...this.#seats].map(([channel, seat]) => [channel, seat.position]));
  }

  /** Channels that it is, or wants to be, subscribed to. */
  get joined(): readonly Seat[] {
    return [...this.#seats.values()].filter(({ isAway }) => !isAway);
  }

  get unacknowledged(): number {
    return this.#client.unacknowledged;
  }

  /** Connects and joins all channels but those that the person has left. */
  start(left: ReadonlySet<string>): void {
    this.#client.connect();
    for (const [channel, seat] of this.#seats) if (!left.has(channel)) void this.#join(seat);
  }

  join(channel: string): void {
    const seat = this.#seats.get(channel);
    if (seat !== undefined) void this.#join(seat);
  }

  leave(channel: string): void {
    this.#seats.get(channel)?.leave();
  }

  publish(channel: string, id: string, bytes: number): void {
    const { recorder, figures, gaveUp } = this.#options;
    const own = { client: this.name, channel, id };
    recorder.record({ kind: 'publish', ...own });
    this.#client
      .channel(channel)
      .publish({ text: 'x'.repeat(bytes) }, id)
      .then(
        ({ position, duplicate }) => recorder.record({ kind: 'acknowledged', ...own, position, ...(duplicate ? { duplicate } : null) }),
        (error: unknown) => {
          const reason = error instanceof ChatError ? error.code : String(error);
          recorder.record({ kind: 'failed', ...own, reason });
          figures.failed(reason);
          gaveUp(id);
        },
      );
  }

  /** The network is gone on purpose: that silence is not the servers'. */
  endSilence(): void {
    if (this.#silentSince !== null) this.#options.figures.silent(this.#options.recorder.now() - this.#silentSince, this.name);
    this.#silentSince = null;
  }

  /** From now on silence counts, if there is no connection. */
  beginSilence(): void {
    if (this.#connections === 0) this.#silentSince ??= this.#options.recorder.now();
  }

  /** Ends it as a closed window does: nothing is waited for. */
  stop(): void {
    this.#ended.abort();
    void this.#client.close({ flushMs: 0 });
    this.#options.recorder.record({ kind: 'stopped', client: this.name });
  }

  /** A gateway may refuse for a moment; whoever wants to be there asks again. */
  async #join(seat: Seat): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      try {
        return await seat.join();
      } catch (error) {
        if (signal.aborted || (error instanceof ChatError && error.code === 'unsubscribed')) return;
        this.#options.figures.refusals.push(`${this.name} in ${seat.channel}: ${error}`);
        await sleep(REFUSED_PAUSE_MS, undefined, { signal }).catch(() => {});
      }
    }
  }
}
