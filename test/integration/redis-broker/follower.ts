import type { Broker, ChannelListener, ReadResult, StoredMessage } from '../../../gateway/broker/broker.ts';
import { nextDigest } from '../../../gateway/broker/digest.ts';
import type { Position } from '../../../protocol/position.ts';

/** Follows a channel as a gateway's hub does: what does not stand right behind the last message has the history read from there. */
export class Follower implements ChannelListener {
  readonly ids: string[] = [];
  readonly gaps: Extract<ReadResult, { kind: 'gap' }>[] = [];
  readonly events: string[] = [];
  /** How many messages were not delivered live. */
  filled = 0;
  #at: Position;
  #work: Promise<void> = Promise.resolve();
  #sinceGap = 0;
  readonly #broker: Broker;
  readonly #channel: string;
  readonly #waiting = new Set<() => void>();

  private constructor(broker: Broker, channel: string, at: Position) {
    this.#broker = broker;
    this.#channel = channel;
    this.#at = at;
  }

  /** Resolves when it is subscribed. */
  static async start(broker: Broker, channel: string): Promise<Follower> {
    const follower = new Follower(broker, channel, await broker.head(channel));
    const head = await broker.subscribe(channel, follower);
    if (head.offset !== follower.#at.offset) follower.#later(() => follower.#fill());
    return follower;
  }

  /** What came behind the last gap. */
  get idsSinceGap(): readonly string[] {
    return this.ids.slice(this.#sinceGap);
  }

  get position(): Position {
    return this.#at;
  }

  message(message: StoredMessage): void {
    this.#later(async () => {
      const { epoch, offset, digest } = message.position;
      const isNext = epoch === this.#at.epoch && offset === this.#at.offset + 1 && digest === nextDigest(this.#at.digest, message.id);
      if (isNext) this.#take(message);
      else await this.#fill();
    });
  }

  event({ name }: { readonly name: string }): void {
    this.events.push(name);
    this.#tell();
  }

  presence(): void {}

  /** Resolves once a message with this id was taken, in its turn. */
  until(id: string): Promise<void> {
    return this.#until(() => this.ids.includes(id));
  }

  /** Resolves once a gap was told. */
  untilGap(): Promise<void> {
    return this.#until(() => this.gaps.length > 0);
  }

  #until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!condition()) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  async #fill(): Promise<void> {
    for (;;) {
      const result = await this.#broker.read(this.#channel, this.#at, 500).catch(() => null);
      if (result === null) return;
      if (result.kind === 'gap') {
        this.gaps.push(result);
        this.#at = result.to;
        this.#sinceGap = this.ids.length;
        this.#tell();
        continue;
      }
      if (result.messages.length === 0) return;
      for (const message of result.messages) this.#take(message);
      this.filled += result.messages.length;
    }
  }

  #take(message: StoredMessage): void {
    this.#at = message.position;
    this.ids.push(message.id);
    this.#tell();
  }

  #later(work: () => Promise<void>): void {
    this.#work = this.#work.then(work);
  }

  #tell(): void {
    for (const check of this.#waiting) check();
  }
}
