import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { freePort } from '../ports.ts';
import { OneWay } from './one-way.ts';

/** Where a proxy forwards to. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

interface Pair {
  readonly sockets: readonly [Socket, Socket];
  readonly ways: readonly [OneWay, OneWay];
}

/** Stands between clients and a server on 127.0.0.1 and, when told so, refuses, holds back or delays their bytes. */
export class TcpProxy {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly #target: Target;
  readonly #pairs = new Set<Pair>();
  #server: Server | undefined;
  #stalled = false;
  #delayMs = 0;

  private constructor(port: number, target: Target) {
    this.port = port;
    this.#target = target;
  }

  /** Resolves when it takes connections. */
  static async start(target: Target, port?: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(port ?? (await freePort()), target);
    await proxy.#listen();
    return proxy;
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** Resets all connections, and refuses new ones. */
  cut(): void {
    this.#server?.close();
    this.#server = undefined;
    for (const pair of this.#pairs) this.#drop(pair);
  }

  /** Connections are open and taken, and no byte comes through, either way. */
  stall(): void {
    this.#stalled = true;
    for (const { ways } of this.#pairs) for (const way of ways) way.stall();
  }

  /** Every byte comes later by this, ms, either way. */
  delay(ms: number): void {
    this.#delayMs = ms;
    for (const { ways } of this.#pairs) for (const way of ways) way.delayMs = ms;
  }

  /** As if nothing had been: takes connections, lets what was held back through, delays no more. */
  async heal(): Promise<void> {
    this.#stalled = false;
    this.delay(0);
    for (const { ways } of this.#pairs) for (const way of ways) way.resume();
    if (this.#server === undefined) await this.#listen();
  }

  async stop(): Promise<void> {
    const closed = this.#server === undefined ? undefined : once(this.#server, 'close');
    this.cut();
    await closed;
  }

  async #listen(): Promise<void> {
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true }, (socket) => this.#connect(socket));
    this.#server = server;
    server.listen(this.port, this.host);
    await once(server, 'listening');
  }

  #connect(client: Socket): void {
    const server = createConnection({ ...this.#target, allowHalfOpen: true, noDelay: true });
    const ways = [new OneWay(client, server, this.#delayMs), new OneWay(server, client, this.#delayMs)] as const;
    const pair: Pair = { sockets: [client, server], ways };
    this.#pairs.add(pair);
    for (const socket of pair.sockets) {
      socket.on('error', () => this.#drop(pair));
      socket.on('close', () => {
        if (client.destroyed && server.destroyed) this.#pairs.delete(pair);
      });
    }
    for (const way of ways) {
      if (this.#stalled) way.stall();
      else way.resume();
    }
  }

  #drop(pair: Pair): void {
    // One that is still connecting would wait for that before it is reset.
    for (const socket of pair.sockets) socket.connecting || socket.writableEnded ? socket.destroy() : socket.resetAndDestroy();
    this.#pairs.delete(pair);
  }
}
