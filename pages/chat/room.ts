import type { Channel, ChatClient, Event, Message } from '../../client/index.ts';
import type { Missed } from './missed.ts';
import { Timeline } from './timeline.ts';

/** Who is told what happens in a room. */
export interface RoomListener {
  /** Its timeline, its members or what is unread. */
  changed(room: Room): void;
  typing(room: Room, member: string): void;
  stoppedTyping(room: Room, member: string): void;
}

/** Messages that are shown of what was said before one came. */
const HISTORY = 50;
/** The event that says that somebody types, and how often it is sent at most, ms. */
const TYPING = 'typing';
const TYPING_EVERY_MS = 2000;

/** Tells this page's messages from those of any other. */
const PAGE = crypto.getRandomValues(new Uint32Array(2)).join('');

/** One room: its channel, and what is shown of it. */
export class Room {
  readonly timeline = new Timeline();
  readonly #channel: Channel;
  readonly #client: ChatClient;
  readonly #missed: Missed;
  readonly #listener: RoomListener;
  #unread = 0;
  #open = false;
  #complete = false;
  #typedAt = Number.NEGATIVE_INFINITY;
  #keys = 0;

  constructor(client: ChatClient, name: string, missed: Missed, listener: RoomListener) {
    this.#channel = client.channel(name);
    this.#client = client;
    this.#missed = missed;
    this.#listener = listener;
  }

  get name(): string {
    return this.#channel.name;
  }

  get members() {
    return this.#channel.members;
  }

  /** Messages that came while it was not open. */
  get unread(): number {
    return this.#unread;
  }

  /** All that was ever said in it is shown. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Subscribes, then reads what was said before: in this order nothing falls between the two. */
  async join(): Promise<void> {
    const channel = this.#channel;
    channel.on('subscribed', ({ position, cause }) => {
      if (cause === 'new') this.#missed.begin(channel.name, position);
    });
    channel.on('message', (message) => this.#message(message));
    channel.on('gap', (gap) => {
      this.#missed.gap(channel.name, gap.from, gap.to);
      this.timeline.gap(gap);
      this.#listener.changed(this);
    });
    channel.on('event', (event) => this.#event(event));
    channel.on('leave', ({ member }) => this.#listener.stoppedTyping(this, member));
    channel.on('members', () => this.#listener.changed(this));
    await channel.subscribe({ presence: true });
    const page = await channel.history({ limit: HISTORY });
    this.#complete = !page.more;
    this.timeline.history(page.messages);
    this.#listener.changed(this);
  }

  /** It is looked at, or no more. */
  setOpen(open: boolean): void {
    this.#open = open;
    if (open) this.#unread = 0;
  }

  send(text: string): void {
    const key = `${PAGE}-${this.#keys++}`;
    this.#typedAt = Number.NEGATIVE_INFINITY;
    this.timeline.sending(key, text);
    this.#listener.changed(this);
    this.#channel
      .publish({ text, key })
      .then(
        () => this.timeline.sent(key),
        () => this.timeline.failed(key),
      )
      .finally(() => this.#listener.changed(this));
  }

  /** Tells the others, now and then, that one types. */
  type(): void {
    const now = performance.now();
    if (now - this.#typedAt < TYPING_EVERY_MS) return;
    this.#typedAt = now;
    this.#channel.sendEvent(TYPING);
  }

  #message(message: Message): void {
    this.#missed.message(message.channel, message.position);
    this.timeline.message(message);
    if (!this.#open && message.member !== this.#client.member) this.#unread++;
    this.#listener.stoppedTyping(this, message.member);
    this.#listener.changed(this);
  }

  #event({ name, member }: Event): void {
    if (name === TYPING && member !== this.#client.member) this.#listener.typing(this, member);
  }
}
