import { chmod, lstat, unlink } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { WebSocketServer } from 'ws';
import type { Broker, BrokerHealth } from './broker.ts';
import { ChannelFanout } from './fanout.ts';
import { ServerLink } from './server-link.ts';
import { MAX_FRAME_BYTES } from './wire.ts';

/** A served broker. */
export interface BrokerServer {
  /** Breaks the links off, stops listening and removes the socket. The broker itself stays open. */
  close(): Promise<void>;
}

export interface ServeOptions {
  /** A link that has so much waiting to be read doesn't keep up: it is broken off, comes back, and fills its holes from history. */
  readonly maxBufferedBytes?: number;
}

/**
 * Serves `broker` to `connectBroker` on a Unix domain socket that only this user may open. A socket that a dead process
 * left behind is replaced; rejects when a live one answers there. When a link ends its subscriptions end; the sessions that
 * it entered into presence stay until they expire, since they may be back by another gateway.
 */
export async function serveBroker(broker: Broker, socketPath: string, options: ServeOptions = {}): Promise<BrokerServer> {
  const { maxBufferedBytes = 64 * 1024 * 1024 } = options;
  await removeStale(socketPath);
  const http = createServer();
  await listen(http, socketPath);
  await chmod(socketPath, 0o600);
  const sockets = new WebSocketServer({
    server: http,
    perMessageDeflate: false,
    skipUTF8Validation: true,
    maxPayload: MAX_FRAME_BYTES,
  });
  // A connection that could not be accepted (too many open files) tries again; the others must live.
  sockets.on('error', () => {});
  const fanout = new ChannelFanout(broker);
  const links = new Set<ServerLink>();
  let health: BrokerHealth = { kind: 'ok' };
  broker.watchHealth((changed) => {
    health = changed;
    for (const link of links) link.tellHealth(health);
  });
  sockets.on('connection', (socket) => {
    const link = new ServerLink(broker, fanout, socket, maxBufferedBytes);
    links.add(link);
    socket.on('close', () => links.delete(link));
    link.start();
    if (health.kind !== 'ok') link.tellHealth(health);
  });
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

/** Removes the socket of a process that is gone; a live one, and any other file, is left, so that `listen` fails with EADDRINUSE. */
async function removeStale(socketPath: string): Promise<void> {
  const found = await lstat(socketPath).catch(() => null);
  if (found?.isSocket() && !(await answers(socketPath))) await unlink(socketPath);
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(socketPath);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
  });
}
