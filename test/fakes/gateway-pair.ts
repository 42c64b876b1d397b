import { createServer, type Server, type Socket } from 'node:net';
import pino from 'pino';
import { MemoryEngine } from '../../gateway/broker/memory/engine.ts';
import { createGateway, type Gateway } from '../../gateway/gateway.ts';
import { GATEWAY_DEFAULTS, type GatewaySettings } from '../../gateway/settings.ts';

interface Member {
  readonly gateway: Gateway;
  readonly sockets: Set<Socket>;
}

/** Two real gateways on one memory broker, behind a balancer that gives each new connection to one that accepts, in turn. */
export class GatewayPair {
  readonly engine = new MemoryEngine();
  readonly members: readonly Member[];
  /** Connections whose first bytes this refuses are cut. */
  refuses: (head: string) => boolean = () => false;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #turn = 0;

  constructor(settings: Partial<GatewaySettings> = {}) {
    const log = pino({ level: 'silent' });
    this.members = ['g1', 'g2'].map((name) => ({
      gateway: createGateway(
        { ...GATEWAY_DEFAULTS, name, port: 0, host: '127.0.0.1', adminPort: 0, messagesPerSecond: 10_000, ...settings },
        { broker: this.engine.connect(), log, adopted: true },
      ),
      sockets: new Set(),
    }));
    this.#server = createServer((socket) => this.#take(socket));
  }

  async start(): Promise<string> {
    for (const { gateway } of this.members) await gateway.start();
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  /** Cuts all connections of one without a word, as `kill -9` does. */
  cut(index: number): void {
    for (const socket of this.members[index]?.sockets ?? []) socket.destroy();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const { gateway } of this.members) await gateway.close();
  }

  #take(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
    socket.once('data', (head: Buffer) => {
      socket.pause();
      const open = this.members.filter(({ gateway }) => gateway.status().state === 'accepting');
      const member = open[this.#turn++ % Math.max(1, open.length)];
      if (member === undefined || this.refuses(head.toString())) {
        socket.destroy();
        return;
      }
      member.sockets.add(socket);
      socket.on('close', () => member.sockets.delete(socket));
      member.gateway.adopt(socket, head);
      socket.resume();
    });
  }
}
