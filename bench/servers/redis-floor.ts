import type { Redis } from 'ioredis';
import { WebSocketServer } from 'ws';
import { SUBPROTOCOL } from '../../protocol/paths.ts';
import { append, rawClient, storedRest } from './append.ts';
import { measured } from './measured.ts';

/**
 * The least that a server of WebSocket publishers on Redis can do: it reads a publish, appends and tells it, and acknowledges it with the entry's
 * id. No session, no order, no idempotence, no trimming, no limits.
 */
let redis: Redis;

async function publish(text: string): Promise<string> {
  const { type, channel, id, data } = JSON.parse(text) as { type: string; channel: string; id: string; data: unknown };
  if (type === 'connect') return '{"type":"connected"}';
  const entry = await append(redis, { channel, id, rest: storedRest(JSON.stringify(data)) });
  return JSON.stringify({ type: 'published', channel, id, position: entry });
}

async function listen(redisPort: number): Promise<number> {
  redis = rawClient(redisPort);
  await redis.ping();
  const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false, handleProtocols: () => SUBPROTOCOL });
  sockets.on('connection', (socket) => {
    socket.on('message', async (data) => socket.send(await publish(data.toString())));
  });
  await new Promise((resolve) => sockets.on('listening', resolve));
  return (sockets.address() as { port: number }).port;
}

measured(listen);
