import type { Place } from '../../servers/redis/server.ts';
import { Gateway, type GatewayOptions } from './gateway.ts';

/** What all gateways of a fleet have in common. */
export type FleetOptions = Omit<GatewayOptions, 'name' | 'place'> & {
  /** Where the gateway of this name runs, and the broker's URL for it. */
  readonly settle: (name: string) => Promise<{ readonly place: Place; readonly broker: string }>;
  /** The gateway of this name has ended. */
  readonly leave: (name: string) => Promise<void>;
};

/** The gateways of a run. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #gateways: Gateway[] = [];
  #started = 0;
  #ended = false;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** Those that run, in the order of their start. */
  get gateways(): readonly Gateway[] {
    return this.#gateways.filter(({ running }) => running);
  }

  /** Those that were ended by nobody's will. */
  get crashed(): readonly Gateway[] {
    return this.#gateways.filter(({ crashed }) => crashed);
  }

  /** Those that clients are sent to. */
  get serving(): readonly Gateway[] {
    return this.#gateways.filter(({ takesClients }) => takesClients);
  }

  /** Those to which something may be done. */
  get steady(): readonly Gateway[] {
    return this.#gateways.filter(({ isSteady }) => isSteady);
  }

  /** How many were started so far. */
  get started(): number {
    return this.#started;
  }

  /** Starts one more. It becomes ready by itself. */
  async add(): Promise<Gateway> {
    if (this.#ended) throw new Error('The fleet was stopped.');
    const { settle, leave, ...options } = this.#options;
    const name = `gateway-${++this.#started}`;
    const { place, broker } = await settle(name);
    const gateway = await Gateway.start({ ...options, name, place, env: { ...options.env, broker } });
    this.#gateways.push(gateway);
    void gateway.ended.then(() => leave(name));
    if (this.#ended) await gateway.stop();
    else void gateway.ready();
    return gateway;
  }

  /** Starts some, and resolves when they are ready; rejects with the log of one that ends. */
  async start(count: number): Promise<void> {
    await Promise.all(
      Array.from({ length: count }, async () => {
        const gateway = await this.add();
        await gateway.ready();
        if (!gateway.running) throw new Error(`The gateway ${gateway.name} did not start:\n${gateway.output}`);
      }),
    );
  }

  /** Resumes those that stand still, waits until all are ready, and starts more when fewer than `count` are there. */
  async heal(count: number): Promise<void> {
    for (const gateway of this.gateways) gateway.resume();
    await Promise.all(this.gateways.map((gateway) => gateway.ready()));
    await this.start(Math.max(0, count - this.serving.length));
  }

  /** Ends all. */
  async stop(): Promise<void> {
    this.#ended = true;
    await Promise.all(this.gateways.map((gateway) => gateway.kill9()));
  }
}
