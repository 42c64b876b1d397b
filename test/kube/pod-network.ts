import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { podAddress } from './addresses.ts';

/** How the API server reaches Pods (`pods/proxy`) and webhooks: it asks this end of a Unix socket to connect it (HTTP CONNECT), which finds the process of a Pod where it listens. */
export class PodNetwork {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor() {
    this.#server = createServer((_, response) => response.writeHead(405).end());
    this.#server.on('connect', (request, asker, head) => this.#join(request.url ?? '', asker as Socket, head));
  }

  /** `path`: of the Unix socket. */
  static async start(path: string): Promise<PodNetwork> {
    const network = new PodNetwork();
    rmSync(path, { force: true });
    network.#server.listen(path);
    await once(network.#server, 'listening');
    return network;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  #join(address: string, asker: Socket, head: Buffer): void {
    const { hostname, port } = new URL(`http://${address}`);
    const pod = connect(Number(port), podAddress(hostname.replace(/^\[|\]$/g, '')));
    for (const [socket, other] of [
      [asker, pod],
      [pod, asker],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    pod.once('connect', () => {
      asker.write('HTTP/1.1 200 Connection established\r\n\r\n');
      pod.write(head);
      asker.pipe(pod).pipe(asker);
    });
  }
}
