import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { SUBPROTOCOL } from '../../protocol/paths.ts';
import { measured } from './measured.ts';

/** A subscriber of a bare server. */
export interface BareSubscriber {
  readonly socket: WebSocket;
  /** The TCP socket below. */
  readonly raw: Socket;
}

/**
 * A server with nothing but `ws`: it knows who subscribed to which channel and hands each publish to `deliver`. No history,
 * no acknowledgement, no limits. It speaks just enough of the protocol for the load client.
 */
export function serveBare(deliver: (subscribers: Set<BareSubscriber>, text: string) => void): void {
  const channels = new Map<string, Set<BareSubscriber>>();

  const receive = (subscriber: BareSubscriber, text: string): void => {
    const message = JSON.parse(text) as { type: string; channel: string; data: unknown };
    if (message.type === 'publish') {
      const subscribers = channels.get(message.channel);
      if (subscribers !== undefined)
        deliver(subscribers, JSON.stringify({ type: 'message', channel: message.channel, data: message.data }));
    } else if (message.type === 'subscribe') {
      const subscribers = channels.get(message.channel);
      if (subscribers === undefined) channels.set(message.channel, new Set([subscriber]));
      else subscribers.add(subscriber);
      subscriber.socket.on('close', () => channels.get(message.channel)?.delete(subscriber));
      subscriber.socket.send('{"type":"subscribed"}');
    } else subscriber.socket.send('{"type":"connected"}');
  };

  measured(
    () =>
      new Promise((resolve) => {
        const http = createServer();
        const sockets = new WebSocketServer({ server: http, perMessageDeflate: false, handleProtocols: () => SUBPROTOCOL });
        sockets.on('connection', (socket, request) => {
          const subscriber = { socket, raw: request.socket };
          socket.on('message', (data) => receive(subscriber, data.toString()));
        });
        http.listen(0, '127.0.0.1', 2_048, () => resolve((http.address() as AddressInfo).port));
      }),
  );
}
