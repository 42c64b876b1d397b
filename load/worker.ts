import { parentPort, workerData } from 'node:worker_threads';
import { monotonicMs } from './clock.ts';
import { LoadClient } from './load-client.ts';
import { ObservationWriter } from './observations.ts';
import { Pacer } from './pacer.ts';
import { seededRandom } from './random.ts';
import { channelName, channelOf, type FromThread, isSlow, type ThreadSettings, type ToThread } from './thread.ts';

/** Time between two looks at what is due, and between two batches of observations, ms. */
const TICK_MS = 10;
const BATCH_MS = 100;

/**
 * One thread of a load run. connecting/publishing: newcomers connect at their rate, and those that are subscribed publish at theirs.
 * settling: no newcomers and no publishes; what is outstanding goes on. ended: all closed, the last batch told.
 */
class LoadThread {
  readonly #settings: ThreadSettings;
  readonly #port: NonNullable<typeof parentPort>;
  readonly #observations = new ObservationWriter();
  readonly #random: () => number;
  readonly #newcomers: LoadClient[];
  readonly #clients: LoadClient[] = [];
  readonly #connects: Pacer;
  readonly #publishes: Pacer;
  readonly #timers: NodeJS.Timeout[] = [];
  #messages = 0;
  #settling = false;

  constructor(settings: ThreadSettings, port: NonNullable<typeof parentPort>) {
    const { options, thread, threads } = settings;
    this.#settings = settings;
    this.#port = port;
    this.#random = seededRandom(options.seed * 1009 + thread);
    this.#connects = new Pacer(options.connectRatePerSecond / threads);
    this.#publishes = new Pacer(options.ratePerSecond / threads);
    this.#newcomers = Array.from({ length: Math.ceil((options.clients - thread) / threads) }, (_, i) => this.#client(thread + i * threads));
    this.#newcomers.reverse();
  }

  run(): void {
    this.#timers.push(
      setInterval(() => this.#tick(), TICK_MS),
      setInterval(() => this.#tell(), BATCH_MS),
    );
    this.#port.on('message', (message: ToThread) => {
      if (message.kind === 'settle') this.#settle();
      else void this.#end();
    });
  }

  #client(index: number): LoadClient {
    const { run, options, startedAt } = this.#settings;
    const channel = channelOf(index, options.channels);
    return new LoadClient({
      index,
      channel,
      channelName: channelName(run, channel),
      run,
      options,
      slow: isSlow(index, options),
      observations: this.#observations,
      random: this.#random,
      now: () => monotonicMs() - startedAt,
    });
  }

  #tick(): void {
    const at = monotonicMs() - this.#settings.startedAt;
    const connects = this.#connects.due(at);
    const publishes = this.#publishes.due(at);
    if (this.#settling) return;
    for (let i = 0; i < connects; i++) this.#connectNext();
    for (let i = 0; i < publishes; i++) this.#publishOne();
  }

  #connectNext(): void {
    const client = this.#newcomers.pop();
    if (client === undefined) return;
    this.#clients.push(client);
    client.start();
  }

  /** One of the clients that were ever subscribed publishes, also if it has no connection right now. */
  #publishOne(): void {
    const { thread, threads } = this.#settings;
    for (let tries = 0; tries < 10; tries++) {
      const client = this.#clients[Math.floor(this.#random() * this.#clients.length)];
      if (!client?.mayPublish) continue;
      client.publish(thread + this.#messages * threads);
      this.#messages++;
      return;
    }
  }

  #settle(): void {
    this.#settling = true;
    for (const client of this.#clients) client.readNormally();
  }

  #tell(): void {
    const batch = this.#observations.take();
    const quiet = this.#settling && this.#clients.every((client) => client.unacknowledged === 0);
    const message: FromThread = { kind: 'batch', batch, quiet };
    this.#port.postMessage(message, [batch.records.buffer]);
  }

  /** Tells what was seen until now and nothing later: to close is not to lose. */
  async #end(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#tell();
    await Promise.allSettled(this.#clients.map((client) => client.close()));
    this.#port.postMessage({ kind: 'ended' } satisfies FromThread);
    this.#port.close();
  }
}

if (parentPort !== null) new LoadThread(workerData as ThreadSettings, parentPort).run();
