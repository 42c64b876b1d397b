import { afterEach, expect, it, vi } from 'vitest';
import { type Arrival, FrontDoor, type FrontDoorOptions } from '../../operator/fleet/local/front-door.ts';
import { MAX_HEAD_BYTES } from '../../operator/fleet/local/request-head.ts';
import { RawSocket } from '../fakes/raw-socket.ts';

let door: FrontDoor | null = null;
const arrivals: Arrival[] = [];
const clients: RawSocket[] = [];
afterEach(() => {
  door?.close();
  for (const { socket } of [...arrivals.splice(0), ...clients.splice(0)]) socket.destroy();
});

async function opened(options: Partial<FrontDoorOptions> = {}): Promise<number> {
  door = new FrontDoor({ port: 0, host: '127.0.0.1', arrived: (arrival) => arrivals.push(arrival), ...options });
  return door.open();
}

async function connected(port: number): Promise<RawSocket> {
  const client = await RawSocket.open(port);
  clients.push(client);
  return client;
}

it('closes a connection whose head is not complete in time, though it goes on sending', async () => {
  const port = await opened({ headTimeoutMs: 50 });
  const client = await connected(port);
  const trickle = setInterval(() => client.socket.write('x'), 5);
  await client.send('GET /v1/websocket HTTP/1.1\r\nx: ');
  await client.closed.finally(() => clearInterval(trickle));
  expect(arrivals).toEqual([]);
});

it('closes the oldest connection that said nothing when there are too many', async () => {
  const port = await opened({ maxWaiting: 2 });
  const oldest = await connected(port);
  const younger = await connected(port);
  const youngest = await connected(port);
  await oldest.closed;
  await Promise.all([younger, youngest].map((client) => client.send('GET / HTTP/1.1\r\n\r\n')));
  await vi.waitFor(() => expect(arrivals.map(({ path }) => path)).toEqual(['/', '/']));
});

it('lets go of a connection that ends before it said what it wants', async () => {
  const port = await opened();
  const client = await connected(port);
  client.socket.end('GET / HT');
  await client.closed;
  expect(arrivals).toEqual([]);
});

it('passes on what is no request and what is too long, for a server to refuse', async () => {
  const port = await opened();
  await (await connected(port)).send('hello\r\n\r\n');
  await (await connected(port)).send(`GET / HTTP/1.1\r\nx: ${'y'.repeat(MAX_HEAD_BYTES)}`);
  await vi.waitFor(() => expect(arrivals.map(({ path }) => path)).toEqual([null, null]));
});

it('rejects with the reason when the port is taken', async () => {
  const port = await opened();
  const second = new FrontDoor({ port, host: '127.0.0.1', arrived: () => {} });
  await expect(second.open()).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
