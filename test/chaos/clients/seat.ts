import type { Channel, Position } from '../../../client/index.ts';
import type { LogEvent } from '../checker/log.ts';
import type { Recorder } from '../recorder.ts';

/**
 * One client's part in one channel, written down as the checker wants it: a stream's start stands before all that is delivered, though the
 * SDK's promise may resolve after the first delivery. What comes while the client is not subscribed is written down as well.
 *
 * away → joining, by `join` → there, when the stream has started; any → away, by `leave`.
 */
export class Seat {
  readonly #life: string;
  readonly #channel: Channel;
  readonly #recorder: Recorder;
  #state: 'away' | 'joining' | 'there' = 'away';
  /** Counts joins and leaves, so that one that takes its time can tell that it is over. */
  #joins = 0;
  /** What came while it was joining. */
  #early: LogEvent[] = [];
  /** Where it was last. */
  #had: Position | null;

  /** `life`: the client's name; `from`: where it was in an earlier life of the application; null: it starts at the head. */
  constructor(life: string, channel: Channel, from: Position | null, recorder: Recorder) {
    this.#life = life;
    this.#channel = channel;
    this.#had = from;
    this.#recorder = recorder;
    channel.on('message', ({ id, position }) => this.#write({ kind: 'delivered', ...this.#here(), id, position }));
    channel.on('gap', ({ from, to }) => this.#write({ kind: 'gap', ...this.#here(), from, to }));
    channel.on('subscribed', ({ position, recovered }) => {
      if (this.#state === 'there') this.#write({ kind: 'subscribed', ...this.#here(), position, recovered });
    });
  }

  get channel(): string {
    return this.#channel.name;
  }

  get isAway(): boolean {
    return this.#state === 'away';
  }

  /** Where the client is, or was when it left; null before its stream ever started. */
  get position(): Position | null {
    return this.#state === 'there' ? this.#channel.position : this.#had;
  }

  /** Subscribes, where it left; resolves when the stream has started, and rejects when the gateway refuses. */
  async join(): Promise<void> {
    if (this.#state !== 'away') return;
    this.#state = 'joining';
    const join = ++this.#joins;
    const from = this.#had;
    const { position, recovered } = await this.#channel.subscribe(from === null ? {} : { position: from }).catch((error: unknown) => {
      // Who left meanwhile may be joining again already.
      if (join === this.#joins) this.#state = 'away';
      throw error;
    });
    if (join !== this.#joins) return;
    const early = this.#early;
    this.#early = [];
    this.#state = 'there';
    this.#recorder.events.push({ kind: 'subscribed', ...this.#here(), at: early[0]?.at ?? this.#recorder.now(), position, recovered });
    this.#recorder.events.push(...early);
  }

  leave(): void {
    this.#joins++;
    this.#had = this.position;
    const wasThere = this.#state === 'there';
    this.#state = 'away';
    this.#early = [];
    this.#channel.unsubscribe();
    if (wasThere) this.#write({ kind: 'unsubscribed', ...this.#here() });
  }

  #here(): { readonly at: number; readonly client: string; readonly channel: string } {
    return {
      at: this.#recorder.now(),
      client: this.#life,
      channel: this.#channel.name,
    };
  }

  #write(event: LogEvent): void {
    if (this.#state === 'joining') this.#early.push(event);
    else this.#recorder.events.push(event);
  }
}
