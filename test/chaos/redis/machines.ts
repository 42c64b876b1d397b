import type { Namespace } from '../../servers/redis/namespace.ts';
import { Namespaces } from '../../servers/redis/namespaces.ts';
import type { Place, RedisServer } from '../../servers/redis/server.ts';

/** All on this machine's own loopback. */
export const LOOPBACK: Place = { address: '127.0.0.1', before: [] };

/** A network in which each server and each gateway is a machine of its own, whose packets can be dropped. */
export class Machines {
  readonly #namespaces: Namespaces;
  readonly #servers = new Map<string, Namespace>();
  readonly #gateways = new Map<string, Namespace>();
  #made = 0;
  /** Of gateways that have ended. */
  readonly #free: Namespace[] = [];

  private constructor(namespaces: Namespaces) {
    this.#namespaces = namespaces;
  }

  /** Null, and says why, where this process can't make network namespaces. */
  static async make(say: (text: string) => void): Promise<Machines | null> {
    const whyNot = await Namespaces.whyNot();
    if (whyNot === undefined) return new Machines(await Namespaces.make());
    say(`the network stays whole: ${whyNot}`);
    return null;
  }

  /** A new machine for a server. */
  async server(name: string): Promise<Place> {
    const namespace = await this.#namespaces.add(name);
    this.#servers.set(namespace.address, namespace);
    return namespace;
  }

  /** A machine for a gateway, whose own it is until it is released. */
  async gateway(name: string): Promise<Place> {
    const namespace = this.#free.pop() ?? (await this.#namespaces.add(`g${++this.#made}`));
    this.#gateways.set(name, namespace);
    return namespace;
  }

  /** The gateway has ended. */
  async release(name: string): Promise<void> {
    const namespace = this.#gateways.get(name);
    if (namespace === undefined) return;
    this.#gateways.delete(name);
    await namespace.heal();
    this.#free.push(namespace);
  }

  ofServer({ host }: RedisServer): Namespace | null {
    return this.#servers.get(host) ?? null;
  }

  ofGateway(name: string): Namespace | null {
    return this.#gateways.get(name) ?? null;
  }

  /** Addresses of all servers. */
  get servers(): readonly string[] {
    return [...this.#servers.keys()];
  }

  /** Addresses of all servers but this one. */
  serversBut({ host }: RedisServer): readonly string[] {
    return this.servers.filter((address) => address !== host);
  }

  /** All packets to and from servers come through again, if no gateway's machine drops them. */
  async healServers(): Promise<void> {
    await Promise.all([...this.#servers.values()].map((namespace) => namespace.heal()));
  }

  /** All packets come through again. */
  async heal(): Promise<void> {
    await this.healServers();
    await Promise.all([...this.#gateways.values()].map((namespace) => namespace.heal()));
  }

  stop(): Promise<void> {
    return this.#namespaces.stop();
  }
}
