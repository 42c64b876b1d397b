import { parentPort, workerData } from 'node:worker_threads';
import { type Channel, ChatClient } from '../client/index.ts';
import { monotonicMs } from './clock.ts';
import { NodeSocket } from './node-socket.ts';
import { Pacer } from './pacer.ts';
import type { ToSimulated } from './simulated-clients.ts';

/** Clients that come or go per second. */
const RAMP_PER_SECOND = 150;
/** Clients of one channel. */
const CHANNEL_SIZE = 20;
/** What each writes per second, and all together at most. */
const MESSAGES_PER_CLIENT = 0.02;
const MOST_MESSAGES = 50;
const TICK_MS = 50;

const PHRASES = [
  'Hello!',
  'How are you?',
  'Did you see that?',
  'I think so too.',
  'Back in a minute.',
  'That works for me.',
  'Good question.',
];

interface Simulated {
  readonly client: ChatClient;
  readonly channel: Channel;
}

/** Keeps as many gentle clients as it is told to: they come and go at a steady pace, the last come goes first. */
class SimulatedThread {
  readonly #url: string;
  readonly #clients: Simulated[] = [];
  readonly #ramp = new Pacer(RAMP_PER_SECOND);
  readonly #startedAt = monotonicMs();
  #messages = 0;
  #lastAt = 0;
  #wanted = 0;

  constructor(url: string) {
    this.#url = url;
  }

  run(port: NonNullable<typeof parentPort>): void {
    port.on('message', ({ count }: ToSimulated) => {
      this.#wanted = count;
    });
    setInterval(() => this.#tick(), TICK_MS);
  }

  #tick(): void {
    const at = monotonicMs() - this.#startedAt;
    for (let steps = this.#ramp.due(at); steps > 0; steps--) {
      if (this.#clients.length < this.#wanted) this.#add();
      else if (this.#clients.length > this.#wanted) void this.#clients.pop()?.client.close({ flushMs: 0 });
    }
    const perSecond = Math.min(MOST_MESSAGES, this.#clients.length * MESSAGES_PER_CLIENT);
    this.#messages += (perSecond * (at - this.#lastAt)) / 1000;
    this.#lastAt = at;
    for (; this.#messages >= 1; this.#messages--) this.#publish();
  }

  #add(): void {
    const index = this.#clients.length;
    const client = new ChatClient({ url: this.#url, name: `Simulated ${index + 1}`, webSocket: NodeSocket });
    const channel = client.channel(`simulated-${Math.floor(index / CHANNEL_SIZE)}`);
    this.#clients.push({ client, channel });
    // It comes and goes as it can: what a refused one would say is of no interest.
    channel.subscribe().catch(() => {});
    client.connect();
  }

  #publish(): void {
    const simulated = this.#clients[Math.floor(Math.random() * this.#clients.length)];
    const text = PHRASES[Math.floor(Math.random() * PHRASES.length)];
    simulated?.channel.publish({ text }).catch(() => {});
  }
}

if (parentPort !== null) new SimulatedThread((workerData as { readonly url: string }).url).run(parentPort);
