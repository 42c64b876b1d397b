import type { Environment, FetchInit, FetchResponse, WebSocketLike } from '../../client/environment.ts';
import type { ClientMessage, ServerMessage } from '../../protocol/messages.ts';
import { ModelChannel } from './model-broker.ts';
import { ModelSession } from './model-session.ts';
import { VirtualTime } from './virtual-time.ts';

/** Deterministic numbers in [0, 1). */
export function chance(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A thing that carries messages both ways, each with its own delay, in order; and is gone at once, with all that is under way. */
abstract class Carrier {
  protected readonly world: ModelWorld;
  protected session: ModelSession;
  protected gone = false;
  #toServerAt = 0;
  #toClientAt = 0;

  constructor(world: ModelWorld) {
    this.world = world;
    this.session = new ModelSession(world.gateway(), (message) => this.toClient(message));
    world.carriers.add(this);
  }

  /** The connection breaks: nothing more arrives anywhere, and the client learns of it after a while. */
  abstract break(): void;
  abstract migrate(): void;
  protected abstract toClient(message: ServerMessage): void;

  protected outward(run: () => void): void {
    this.#toServerAt = this.#after(this.#toServerAt, run);
  }

  protected inward(run: () => void): void {
    this.#toClientAt = this.#after(this.#toClientAt, run);
  }

  protected leave(): void {
    this.gone = true;
    this.session.end();
    this.world.carriers.delete(this);
  }

  #after(last: number, run: () => void): number {
    const { time, random } = this.world;
    const at = Math.max(last + 0.001, time.now() + 1 + 40 * random());
    time.setTimeout(() => {
      if (!this.gone) run();
    }, at - time.now());
    return at;
  }
}

class ModelSocket extends Carrier implements WebSocketLike {
  readyState = 0;
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;

  constructor(world: ModelWorld) {
    super(world);
    this.inward(() => {
      if (world.refusesWebSockets) return this.break();
      this.readyState = 1;
      this.onopen?.({} as never);
    });
  }

  send(data: string): void {
    this.outward(() => this.session.hear(JSON.parse(data) as ClientMessage));
  }

  /** What the client said before still arrives. */
  close(): void {
    this.onmessage = null;
    this.outward(() => this.leave());
  }

  migrate(): void {
    this.toClient({ type: 'migrate', delayMs: 200, deadlineMs: 3_000, reason: 'drain' });
    this.world.time.setTimeout(() => {
      if (!this.gone) this.break(1012);
    }, 3_000);
  }

  break(code = 1006): void {
    if (this.gone) return;
    this.leave();
    this.world.time.setTimeout(() => this.onclose?.({ code, reason: '' } as never), 100 * this.world.random());
  }

  protected toClient(message: ServerMessage): void {
    this.inward(() => this.onmessage?.({ data: JSON.stringify(message) } as never));
  }
}

class ModelRequest extends Carrier {
  readonly #resolve: (response: FetchResponse) => void;
  readonly #reject: (error: Error) => void;
  readonly #said: ServerMessage[] = [];
  #answering = false;

  constructor(world: ModelWorld, { body, signal }: FetchInit, resolve: (response: FetchResponse) => void, reject: (error: Error) => void) {
    super(world);
    this.#resolve = resolve;
    this.#reject = reject;
    signal.addEventListener('abort', () => {
      this.leave();
      reject(new Error('aborted'));
    });
    const { messages, wait } = JSON.parse(body) as { messages: ClientMessage[]; wait: number };
    this.outward(() => {
      for (const message of messages) this.session.hear(message);
      // What it owes is answered within 100 ms.
      world.time.setTimeout(() => this.#answer(), Math.max(wait, 100));
    });
  }

  migrate(): void {
    this.toClient({ type: 'migrate', delayMs: 200, deadlineMs: 3_000, reason: 'drain' });
  }

  break(): void {
    if (this.gone) return;
    this.leave();
    this.world.time.setTimeout(() => this.#reject(new Error('broken')), 100 * this.world.random());
  }

  protected toClient(message: ServerMessage): void {
    this.#said.push(message);
    const news = message.type !== 'connected' && message.type !== 'published' && !(message.type === 'subscribed' && message.recovered);
    if (news) this.world.time.setTimeout(() => this.#answer(), 100);
  }

  #answer(): void {
    if (this.#answering || this.gone) return;
    this.#answering = true;
    const text = JSON.stringify(this.#said);
    this.inward(() => {
      this.leave();
      this.#resolve({ ok: true, status: 200, headers: { get: () => null }, text: async () => text });
    });
  }
}

/** Gateways, a broker and a network that does what it likes, in virtual time. */
export class ModelWorld {
  readonly time = new VirtualTime();
  readonly random: () => number;
  readonly carriers = new Set<Carrier>();
  readonly #channels = new Map<string, ModelChannel>();
  /** How many of what is asked is refused for now, 0 to 1. */
  refusals = 0;
  /** How many messages a gateway fails to deliver, 0 to 1. */
  skips = 0;
  refusesWebSockets = false;
  #gateways = 0;

  constructor(seed: number) {
    this.random = chance(seed);
  }

  channel(name: string): ModelChannel {
    const channel = this.#channels.get(name) ?? new ModelChannel();
    this.#channels.set(name, channel);
    return channel;
  }

  gateway() {
    return {
      name: `g${this.#gateways++}`,
      channel: (name: string) => this.channel(name),
      refuses: () => this.random() < this.refusals,
      skips: () => this.random() < this.skips,
      later: (run: () => void) => void this.time.setTimeout(run, 30 * this.random()),
    };
  }

  /** For a client. */
  environment(): Partial<Environment> {
    const world = this;
    let ids = 0;
    const client = Math.floor(this.random() * 1e9).toString(36);
    return {
      now: () => this.time.now(),
      wallClock: () => this.time.now(),
      setTimeout: (run, ms) => this.time.setTimeout(run, ms),
      clearTimeout: (timer) => this.time.clearTimeout(timer),
      random: this.random,
      randomId: () => `${client}${ids++}`.padEnd(32, '0'),
      WebSocket: class extends ModelSocket {
        constructor() {
          super(world);
        }
      },
      fetch: (_url, init) => new Promise((resolve, reject) => void new ModelRequest(world, init, resolve, reject)),
    };
  }
}
