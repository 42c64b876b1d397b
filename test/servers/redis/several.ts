import { rmSync } from 'node:fs';
import { makeFolder } from '../leftovers.ts';
import { type Certificate, makeCertificate } from '../tls.ts';
import { MovableClock } from './clock.ts';
import { type Place, RedisServer, type ServerOptions } from './server.ts';

/** What all servers that belong together are started with. */
export interface SharedOptions extends Pick<ServerOptions, 'password' | 'users' | 'persistence' | 'config'> {
  /** One certificate for all. */
  readonly tls?: boolean;
  /** One clock for all that hold data. */
  readonly movableClock?: boolean;
  /** Where the server of this name runs; without it all are on 127.0.0.1. */
  readonly place?: (name: string) => Promise<Place>;
}

const LOOPBACK: Place = { address: '127.0.0.1', before: [] };
const TEN_YEARS_S = '315360000';

interface SharedParts {
  readonly certificate: Certificate | undefined;
  readonly clock: MovableClock | undefined;
}

/** What servers that belong together share, and the means to start and stop them. */
export class Several {
  readonly clock: MovableClock | undefined;
  readonly #folder: string;
  readonly #shared: SharedOptions;
  readonly #places: ReadonlyMap<string, Place>;
  readonly #certificate: Certificate | undefined;
  readonly #servers = new Set<RedisServer>();

  private constructor(folder: string, shared: SharedOptions, places: ReadonlyMap<string, Place>, parts: SharedParts) {
    this.#folder = folder;
    this.#shared = shared;
    this.#places = places;
    this.clock = parts.clock;
    this.#certificate = parts.certificate;
  }

  /** Prepares for servers of these names. */
  static async make(shared: SharedOptions, names: readonly string[]): Promise<Several> {
    const folder = makeFolder('shared');
    const places = new Map<string, Place>();
    for (const name of names) places.set(name, (await shared.place?.(name)) ?? LOOPBACK);
    const addresses = [...places.values()].map(({ address }) => address);
    const certificate = shared.tls === true ? await makeCertificate(folder, addresses) : undefined;
    const clock = shared.movableClock === true ? await MovableClock.make(folder) : undefined;
    return new Several(folder, shared, places, { certificate, clock });
  }

  /** Starts one of each name, all at once. When one of them fails, all that were ever started here are stopped. */
  async start(names: readonly string[], options: (name: string) => Promise<ServerOptions>): Promise<readonly RedisServer[]> {
    const starting = names.map(async (name) => {
      const namespace = this.#places.get(name) ?? LOOPBACK;
      const server = await RedisServer.start({ ...(await options(name)), namespace, tls: this.#certificate ?? false });
      this.#servers.add(server);
      return server;
    });
    const started = await Promise.allSettled(starting);
    const failed = started.find((result) => result.status === 'rejected');
    if (failed === undefined) return Promise.all(starting);
    await this.stop();
    throw failed.reason;
  }

  /** The options of a server that holds data: its clock, and no time limit on replication that a jump of the clock would exceed. */
  data(config: Readonly<Record<string, string>>): ServerOptions {
    const { password, users, persistence, config: own = {} } = this.#shared;
    return {
      ...(password === undefined ? null : { password }),
      ...(users === undefined ? null : { users }),
      ...(persistence === undefined ? null : { persistence }),
      ...(this.clock === undefined ? null : { movableClock: this.clock }),
      config: {
        'repl-diskless-sync-delay': '0',
        ...(this.clock === undefined ? null : { 'repl-timeout': TEN_YEARS_S }),
        ...config,
        ...own,
      },
    };
  }

  /** Moves the clock of all servers that hold data, ms. Only with `movableClock`. */
  advance(ms: number): void {
    if (this.clock === undefined) throw new Error('These servers live by the clock of the system: start them with movableClock.');
    this.clock.advance(ms);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#servers].map((server) => server.stop()));
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
