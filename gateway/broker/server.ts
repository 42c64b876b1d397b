import { chmod, unlink } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { WebSocketServer } from 'ws';
import type { Broker } from './broker.ts';
import { ChannelFanout } from './fanout.ts';
import { ServerLink } from './server-link.ts';
import { MAX_FRAME_BYTES } from './wire.ts';

/** A served broker. */
export interface BrokerServer {
  /** Breaks the links off, stops listening and removes the socket. The broker itself stays open. */
  close(): Promise<void>;
}

/**
 * Serves `broker` to `connectBroker` on a Unix domain socket that only this user may open. A socket that a dead process
 * left behind is replaced; rejects when a live one answers there. When a link ends its subscriptions end; the sessions that
 * it entered into presence stay until they expire, since they may be back by another gateway.
 */
export async function serveBroker(broker: Broker, socketPath: string): Promise<BrokerServer> {
  await removeStale(socketPath);
  const http = createServer();
  const sockets = new WebSocketServer({
    server: http,
    perMessageDeflate: false,
    skipUTF8Validation: true,
    maxPayload: MAX_FRAME_BYTES,
    clientTracking: true,
  });
  const fanout = new ChannelFanout(broker);
  sockets.on('connection', (socket) => new ServerLink(broker, fanout, socket).start());
  await listen(http, socketPath);
  await chmod(socketPath, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets.clients) socket.terminate();
        sockets.close();
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
}

function listen(server: Server, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Removes the socket of a process that is gone; a live one is left, so that `listen` fails with EADDRINUSE. */
function removeStale(socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = connect(socketPath);
    probe.once('connect', () => {
      probe.destroy();
      resolve();
    });
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') unlink(socketPath).then(resolve, reject);
      else resolve();
    });
  });
}
