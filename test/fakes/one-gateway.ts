import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ClientMessage, Message, Publish, ServerMessage, Subscribe } from '../../protocol/messages.ts';
import { SUBPROTOCOL } from '../../protocol/paths.ts';
import { asEpoch, asOffset, type Position } from '../../protocol/position.ts';

/** What goes wrong with a stored message on its way to the subscribers: what is delivered in its place. */
export type Fault = (message: Message) => readonly Message[];

interface Channel {
  readonly messages: Message[];
  readonly ids: Map<string, Position>;
  readonly subscribers: Set<WebSocket>;
}

/** A server that speaks just enough of the protocol for one gateway's clients, and does wrong where a test asks for it. */
export class OneGateway {
  fault: Fault = (message) => [message];
  readonly #http = createServer((_req, res) => res.writeHead(404).end());
  readonly #sockets = new WebSocketServer({ server: this.#http, handleProtocols: () => SUBPROTOCOL });
  readonly #channels = new Map<string, Channel>();

  /** Resolves to its address. */
  async start(): Promise<string> {
    this.#sockets.on('connection', (socket) => {
      socket.on('message', (data) => this.#take(socket, JSON.parse(String(data)) as ClientMessage));
      socket.on('close', () => {
        for (const { subscribers } of this.#channels.values()) subscribers.delete(socket);
      });
    });
    this.#http.listen(0, '127.0.0.1');
    await once(this.#http, 'listening');
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  get connections(): number {
    return this.#sockets.clients.size;
  }

  /** Messages stored, in all channels. */
  get stored(): number {
    return [...this.#channels.values()].reduce((sum, { messages }) => sum + messages.length, 0);
  }

  /** Breaks all connections. */
  breakAll(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
  }

  async stop(): Promise<void> {
    this.breakAll();
    this.#sockets.close();
    this.#http.close();
    this.#http.closeAllConnections();
  }

  #take(socket: WebSocket, message: ClientMessage): void {
    for (const answer of this.#answers(socket, message)) socket.send(JSON.stringify(answer));
  }

  #answers(socket: WebSocket, message: ClientMessage): ServerMessage[] {
    switch (message.type) {
      case 'connect':
        return [
          {
            type: 'connected',
            gateway: 'one-1',
            member: message.session.slice(0, 8),
            heartbeatMs: 30_000,
            reconnectSpreadMs: 50,
            limits: { messageBytes: 65_536, channels: 100, messagesPerSecond: 1000 },
          },
        ];
      case 'subscribe':
        return this.#subscribe(socket, message);
      case 'publish':
        return [this.#publish(message)];
      case 'ping':
        return [{ type: 'pong' }];
      default:
        return [];
    }
  }

  #subscribe(socket: WebSocket, { channel: name, position }: Subscribe): ServerMessage[] {
    const { messages, subscribers } = this.#channel(name);
    const from = position ?? positionAt(messages.length);
    subscribers.add(socket);
    const missed = messages.slice(from.offset).flatMap((message) => this.fault(message));
    return [{ type: 'subscribed', channel: name, position: from, recovered: true }, ...missed];
  }

  #publish({ channel: name, id, data }: Publish): ServerMessage {
    const { messages, ids, subscribers } = this.#channel(name);
    const known = ids.get(id);
    if (known !== undefined) return { type: 'published', channel: name, id, position: known, duplicate: true };
    const position = positionAt(messages.length + 1);
    const message: Message = { type: 'message', channel: name, position, id, member: 'someone', time: 0, data };
    ids.set(id, position);
    messages.push(message);
    for (const one of this.fault(message)) for (const subscriber of subscribers) subscriber.send(JSON.stringify(one));
    return { type: 'published', channel: name, id, position };
  }

  #channel(name: string): Channel {
    const channel = this.#channels.get(name) ?? { messages: [], ids: new Map(), subscribers: new Set() };
    this.#channels.set(name, channel);
    return channel;
  }
}

const positionAt = (offset: number): Position => ({ epoch: asEpoch('e1'), offset: asOffset(offset), digest: `d${offset}` });
