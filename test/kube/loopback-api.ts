import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Agent, request } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { Transform } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { podAddressesIn } from './addresses.ts';
import type { Access } from './api.ts';

/** An API server for programs that can't know where the processes of Pods listen (`podAddress`): all that it answers has those addresses in place of the Pods' own. */
export class LoopbackApi {
  readonly url: string;
  readonly #server: Server;
  readonly #agent: Agent;
  readonly #access: Access;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, access: Access) {
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.#server = server;
    this.#access = access;
    this.#agent = new Agent({ keepAlive: true, ca: access.ca });
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    server.on('request', (asked: IncomingMessage, answer: ServerResponse) => this.#ask(asked, answer));
  }

  static async start(access: Access): Promise<LoopbackApi> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new LoopbackApi(server, access);
  }

  /** Cuts what is under way. */
  stop(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#agent.destroy();
  }

  #ask(asked: IncomingMessage, answer: ServerResponse): void {
    const { server, token } = this.#access;
    const { host: _, ...rest } = asked.headers;
    // As text, so that an address may get longer.
    const headers = { ...rest, accept: 'application/json', 'accept-encoding': 'identity', authorization: `Bearer ${token}` };
    const call = request(`${server}${asked.url}`, { method: asked.method, agent: this.#agent, headers }, (answered) => {
      const { 'content-length': __, ...kept } = answered.headers;
      answer.writeHead(answered.statusCode ?? 502, kept);
      answered.pipe(exchanging()).pipe(answer);
      answered.on('error', () => answer.destroy());
    });
    call.on('error', () => answer.destroy());
    answer.on('close', () => call.destroy());
    asked.pipe(call);
  }
}

/** Line by line: an event of a watch is one, and a list is one. */
function exchanging(): Transform {
  const decoder = new StringDecoder();
  let line = '';
  return new Transform({
    transform(chunk: Buffer, _, done) {
      const text = line + decoder.write(chunk);
      const end = text.lastIndexOf('\n') + 1;
      line = text.slice(end);
      done(null, podAddressesIn(text.slice(0, end)));
    },
    flush(done) {
      done(null, podAddressesIn(line + decoder.end()));
    },
  });
}
