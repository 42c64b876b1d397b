import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Broker } from '../../gateway/broker/broker.ts';
import { MemoryEngine } from '../../gateway/broker/memory/engine.ts';
import { CLOSE_CODES } from '../../protocol/close-codes.ts';
import { SUBPROTOCOL } from '../../protocol/paths.ts';
import { asOffset } from '../../protocol/position.ts';
import { type DataPlaneServer, SETTINGS, startDataPlane } from '../fakes/data-plane-server.ts';
import { PlainClient } from '../fakes/plain-client.ts';

let engine: MemoryEngine;
let broker: Broker;
const servers: DataPlaneServer[] = [];
const clients: PlainClient[] = [];
const brokers: Broker[] = [];

beforeEach(() => {
  engine = new MemoryEngine();
  broker = connectBroker();
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await Promise.all(servers.splice(0).map((server) => server.close()));
  await Promise.all(brokers.splice(0).map((each) => each.close()));
});

function connectBroker(): Broker {
  const connected = engine.connect();
  brokers.push(connected);
  return connected;
}

async function serve(over: Parameters<typeof startDataPlane>[1] = {}, on = broker): Promise<DataPlaneServer> {
  const server = await startDataPlane(on, over);
  servers.push(server);
  return server;
}

async function connect(server: DataPlaneServer, ...rest: [Parameters<typeof PlainClient.connect>[1]?]): Promise<PlainClient> {
  const client = await PlainClient.connect(server.websocketUrl, ...rest);
  clients.push(client);
  return client;
}

async function subscribed(server: DataPlaneServer, channel = 'room'): Promise<PlainClient> {
  const client = await connect(server);
  client.say({ type: 'subscribe', channel });
  await client.next('subscribed');
  return client;
}

function offsets(client: PlainClient): number[] {
  return client.all('message').map(({ position }) => position.offset);
}

describe('messages', () => {
  test('reach every subscriber of two gateways once, in order, as the same bytes', async () => {
    const [one, two] = [await serve(), await serve({ name: 'gateway-2' }, connectBroker())];
    const subscribers = [await subscribed(one), await subscribed(one), await subscribed(two)];
    const publisher = await connect(one, { name: 'Ann' });
    for (let n = 1; n <= 50; n++) publisher.say({ type: 'publish', channel: 'room', id: `m${n}`, data: { text: `Grüße ${n}` } });
    await Promise.all(subscribers.map((client) => client.until(() => client.all('message').length === 50 || undefined)));
    for (const client of subscribers) expect(offsets(client)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    const texts = subscribers.map((client) => client.texts.filter((text) => text.includes('"type":"message"')));
    expect(texts[1]).toEqual(texts[0]);
    expect(texts[2]).toEqual(texts[0]);
    expect(subscribers[0]?.all('message')[6]).toMatchObject({ id: 'm7', name: 'Ann', data: { text: 'Grüße 7' }, channel: 'room' });
  });

  test('of every frame length arrive whole', async () => {
    const server = await serve();
    const client = await subscribed(server);
    const lengths = [0, 1, 60, 125, 126, 5_000, 32_000];
    for (const length of lengths) client.say({ type: 'publish', channel: 'room', id: `${length}`, data: 'x'.repeat(length) });
    await client.until(() => client.all('message').length === lengths.length || undefined);
    expect(client.all('message').map(({ data }) => (data as string).length)).toEqual(lengths);
  });

  test('larger than 64 KiB with all they carry arrive whole', async () => {
    const server = await serve({ settings: { ...SETTINGS, messageBytes: 200_000 } });
    const client = await subscribed(server);
    client.say({ type: 'publish', channel: 'room', id: 'large', data: 'x'.repeat(150_000) });
    expect((await client.next('message')).data).toHaveLength(150_000);
  });

  test('are acknowledged in the order in which they were published, and a repeated id is stored once', async () => {
    const server = await serve();
    const client = await connect(server);
    for (const id of ['a', 'b', 'a']) client.say({ type: 'publish', channel: 'room', id, data: null });
    await client.until(() => client.all('published').length === 3 || undefined);
    expect(client.all('published').map(({ id, position, duplicate }) => [id, position.offset, duplicate])).toEqual([
      ['a', 1, undefined],
      ['b', 2, undefined],
      ['a', 1, true],
    ]);
  });

  test('of many channels come in one connection', async () => {
    const server = await serve();
    const client = await connect(server);
    const channels = Array.from({ length: 20 }, (_, i) => `c${i}`);
    for (const channel of channels) client.say({ type: 'subscribe', channel });
    await client.until(() => client.all('subscribed').length === 20 || undefined);
    for (const channel of channels) client.say({ type: 'publish', channel, id: 'm', data: channel });
    await client.until(() => client.all('message').length === 20 || undefined);
    expect(client.all('message').map(({ channel, data }) => channel === data)).toEqual(channels.map(() => true));
  });
});

describe('a resume', () => {
  test('goes on right after the position, on another gateway too', async () => {
    const [one, two] = [await serve(), await serve({ name: 'gateway-2' }, connectBroker())];
    const first = await subscribed(one);
    first.say({ type: 'publish', channel: 'room', id: 'm1', data: 1 });
    const { position } = await first.next('message');
    await first.close();
    for (const id of ['m2', 'm3']) await broker.publish('room', { id, member: 'm', data: '0' });
    for (const server of [one, two]) {
      const client = await connect(server);
      client.say({ type: 'subscribe', channel: 'room', position });
      expect(await client.next('subscribed')).toMatchObject({ position, recovered: true });
      await client.until(() => client.all('message').length === 2 || undefined);
      expect(offsets(client)).toEqual([2, 3]);
    }
    expect(one.counters).toMatchObject({ recovered: 1, gaps: 0, historyReads: 0 });
    expect(two.counters).toMatchObject({ recovered: 1, resumeGaps: 0, gaps: 0, historyReads: 1 });
  });

  test('at a position that the history no longer holds is told the gap, then what is left', async () => {
    engine = new MemoryEngine({ history: { maxMessages: 2, maxAgeMs: 60_000 } });
    broker = connectBroker();
    const server = await serve();
    const before = await broker.head('room');
    for (const id of ['m1', 'm2', 'm3', 'm4']) await broker.publish('room', { id, member: 'm', data: '0' });
    const client = await connect(server);
    client.say({ type: 'subscribe', channel: 'room', position: before });
    expect(await client.next('subscribed')).toMatchObject({ recovered: false, position: { offset: 2 } });
    expect(await client.next('gap')).toMatchObject({ from: before, to: { offset: 2 } });
    expect(server.counters).toMatchObject({ recovered: 0, resumeGaps: 1 });
    await client.until(() => client.all('message').length === 2 || undefined);
    expect(offsets(client)).toEqual([3, 4]);
    expect(client.heard.map(({ type }) => type)).toEqual(['connected', 'subscribed', 'gap', 'message', 'message']);
  });

  test('from a lost fork is told so, though the offset is one that exists', async () => {
    const server = await serve();
    for (const id of ['m1', 'm2', 'm3']) await broker.publish('room', { id, member: 'm', data: '0' });
    const { epoch } = await broker.head('room');
    const client = await connect(server);
    client.say({ type: 'subscribe', channel: 'room', position: { epoch, offset: asOffset(2), digest: 'another' } });
    expect(await client.next('gap')).toMatchObject({ from: { offset: 2 }, to: { offset: 3 } });
  });

  test('asked for again on the same connection goes on from the later position', async () => {
    const server = await serve();
    const client = await subscribed(server);
    const start = await broker.head('room');
    await broker.publish('room', { id: 'm1', member: 'm', data: '0' });
    await client.next('message');
    client.say({ type: 'subscribe', channel: 'room', position: start });
    await client.next('subscribed');
    expect(await client.next('message')).toMatchObject({ position: { offset: 1 } });
    await broker.publish('room', { id: 'm2', member: 'm', data: '0' });
    expect(await client.next('message')).toMatchObject({ position: { offset: 2 } });
    expect(offsets(client)).toEqual([1, 1, 2]);
  });
});

describe('a connection', () => {
  const code = (name: keyof typeof CLOSE_CODES) => CLOSE_CODES[name].code;

  test.each([
    { name: 'whose first message is no connect', say: '{"type":"ping"}', want: code('badMessage'), error: 'not-connected' },
    { name: 'whose first message is not JSON', say: 'hello', want: code('badMessage'), error: 'bad-message' },
    { name: 'whose connect lacks a field', say: '{"type":"connect"}', want: code('badMessage'), error: 'bad-message' },
    { name: 'that sends a binary frame', say: Buffer.from('{}'), want: code('notText'), error: null },
    { name: 'that sends too large a message', say: ' '.repeat(40_000), want: code('messageTooBig'), error: null },
  ])('$name is closed with $want', async ({ say, want, error }) => {
    const server = await serve();
    const client = new PlainClient(server.websocketUrl);
    clients.push(client);
    await client.opened();
    client.ws.send(say);
    expect((await client.closed).code).toBe(want);
    expect(client.all('error').map(({ code }) => code)).toEqual(error === null ? [] : [error]);
    await expect.poll(() => server.table.size).toBe(0);
  });

  test('that is refused gets a close reason with the time to come back, and was never in the table', async () => {
    const server = await serve();
    server.admit({ kind: 'refuse', retryAfterMs: 1234 });
    const client = new PlainClient(server.websocketUrl);
    expect(await client.closed).toEqual({ code: 1013, reason: '{"retryAfterMs":1234}' });
    expect(server.table.size).toBe(0);
  });

  test('to a cordoned gateway is served, and asked to move', async () => {
    const server = await serve();
    server.admit({ kind: 'accept-and-migrate' });
    const client = await connect(server, { features: ['migrate'] });
    expect(await client.next('migrate')).toMatchObject({ reason: 'cordoned' });
    client.say({ type: 'subscribe', channel: 'room' });
    await client.next('subscribed');
    expect([...server.table].map(({ migrating }) => migrating)).toEqual([true]);
  });

  test('whose token is refused is told why and closed with 4401', async () => {
    const server = await serve({ authenticate: async (token) => ({ kind: 'refused', message: `no ${token}` }) });
    const client = new PlainClient(server.websocketUrl);
    await client.opened();
    client.say({ type: 'connect', session: crypto.randomUUID(), token: 'entry' });
    expect((await client.closed).code).toBe(code('unauthorized'));
    expect(client.all('error')).toMatchObject([{ code: 'unauthorized', message: 'no entry' }]);
  });

  test('may say more while its token is checked: it is heard afterwards, in order', async () => {
    const server = await serve({ authenticate: async () => ({ kind: 'ok', name: 'Ann of the token' }) });
    const client = new PlainClient(server.websocketUrl);
    clients.push(client);
    await client.opened();
    client.say({ type: 'connect', session: crypto.randomUUID(), name: 'Bob' });
    client.say({ type: 'subscribe', channel: 'room' });
    client.say({ type: 'publish', channel: 'room', id: 'm1', data: 1 });
    expect(await client.next('message')).toMatchObject({ name: 'Ann of the token' });
    expect(client.heard[0]?.type).toBe('connected');
  });

  test('is in the table until it is closed', async () => {
    const server = await serve();
    const client = await connect(server);
    expect(server.table.size).toBe(1);
    await client.close();
    await expect.poll(() => server.table.size).toBe(0);
  });

  test('is closed by its Connection with the code and the hint', async () => {
    const server = await serve();
    const client = await connect(server);
    for (const connection of server.table) connection.close('serviceRestart', 10);
    expect(await client.closed).toEqual({ code: 1012, reason: '{"retryAfterMs":10}' });
  });

  test('that answers no heartbeat is closed, one that answers is not', async () => {
    const server = await serve({ settings: { ...SETTINGS, heartbeatMs: 100 }, now: fastClock(50) });
    const [dead, alive] = [await connect(server), await connect(server)];
    dead.ws.pause();
    await expect.poll(() => server.table.size, { timeout: 10_000 }).toBe(1);
    alive.say({ type: 'ping' });
    await alive.next('pong');
  });

  test('that reads too slowly is closed, and its channel goes on for the others', async () => {
    const server = await serve({ settings: { ...SETTINGS, queueBytes: 65_536 } });
    const [slow, quick] = [await subscribed(server), await subscribed(server)];
    slow.ws.pause();
    const data = JSON.stringify('x'.repeat(30_000));
    for (let sent = 0; server.counters.slowConsumers === 0; sent++) {
      expect(sent).toBeLessThan(2_000);
      await broker.publish('room', { id: `m${sent}`, member: 'm', data });
      await quick.next('message');
    }
    await expect.poll(() => server.plane.channels).toBe(1);
    slow.ws.resume();
    expect([code('slowConsumer'), 1006]).toContain((await slow.closed).code);
    await broker.publish('room', { id: 'after', member: 'm', data: '1' });
    expect(await quick.next('message')).toMatchObject({ id: 'after' });
  });
});

describe('an upgrade', () => {
  test.each([
    { name: 'without our subprotocol', path: '/v1/websocket', protocol: 'other', want: 400, text: SUBPROTOCOL },
    { name: 'elsewhere', path: '/elsewhere', protocol: SUBPROTOCOL, want: 404, text: '/v1/websocket' },
  ])('$name is answered with $want and a clear text', async ({ path, protocol, want, text }) => {
    const server = await serve();
    const { port } = new URL(server.pollUrl);
    const headers = {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Protocol': protocol,
    };
    const answer = await new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
      const req = request({ port, path, headers, host: '127.0.0.1' }, async (res) => {
        let body = '';
        for await (const chunk of res) body += chunk;
        resolve({ status: res.statusCode, body });
      });
      req.on('error', reject);
      req.end();
    });
    expect(answer.status).toBe(want);
    expect(answer.body).toContain(text);
  });
});

describe('presence', () => {
  test('shows who joins and leaves to those who take part, and nobody else', async () => {
    const server = await serve();
    const [ann, other] = [await connect(server, { name: 'Ann' }), await subscribed(server)];
    ann.say({ type: 'subscribe', channel: 'room', presence: true });
    expect((await ann.next('presence')).members).toMatchObject([{ name: 'Ann' }]);
    const bob = await connect(server, { name: 'Bob' });
    bob.say({ type: 'subscribe', channel: 'room', presence: true });
    expect((await bob.next('presence')).members.map(({ name }) => name).sort()).toEqual(['Ann', 'Bob']);
    await ann.until(() => ann.all('join').find(({ name }) => name === 'Bob'));
    await bob.close();
    expect(await ann.next('leave')).toMatchObject({ name: 'Bob' });
    expect(other.all('join')).toEqual([]);
  });

  test('does not flicker when a session moves to another gateway', async () => {
    const [one, two] = [await serve(), await serve({ name: 'gateway-2' }, connectBroker())];
    const watcher = await connect(two, { name: 'watcher' });
    watcher.say({ type: 'subscribe', channel: 'room', presence: true });
    await watcher.next('presence');
    const session = crypto.randomUUID();
    const before = await connect(one, { session });
    before.say({ type: 'subscribe', channel: 'room', presence: true });
    await before.next('presence');
    const after = await connect(two, { session });
    after.say({ type: 'subscribe', channel: 'room', presence: true });
    await after.next('presence');
    await before.close();
    watcher.say({ type: 'presence', id: 'q', channel: 'room' });
    await watcher.until(() => watcher.all('presence').find(({ id }) => id === 'q'));
    expect(watcher.all('leave')).toEqual([]);
    expect(watcher.all('presence').at(-1)?.members).toHaveLength(2);
  });
});

test('events reach those who listen now and are not stored', async () => {
  const server = await serve();
  const [one, two] = [await subscribed(server), await subscribed(server)];
  one.say({ type: 'event', channel: 'room', name: 'typing', data: { on: true } });
  expect(await two.next('event')).toMatchObject({ name: 'typing', data: { on: true } });
  two.say({ type: 'history', id: 'h', channel: 'room' });
  expect(await two.next('history')).toMatchObject({ id: 'h', messages: [], more: false });
});

test('history gives pages back to the beginning', async () => {
  const server = await serve();
  for (let n = 1; n <= 5; n++) await broker.publish('room', { id: `m${n}`, member: 'm', data: `${n}` });
  const client = await connect(server);
  client.say({ type: 'history', id: 'a', channel: 'room', limit: 3 });
  expect(await client.next('history')).toMatchObject({ more: true, messages: [{ data: 3 }, { data: 4 }, { data: 5 }] });
  client.say({ type: 'history', id: 'b', channel: 'room', before: 3 });
  expect(await client.next('history')).toMatchObject({ id: 'b', more: false, messages: [{ data: 1 }, { data: 2 }] });
});

test('closing says goodbye to all and resolves when they are gone', async () => {
  const server = await serve();
  const client = await subscribed(server);
  await server.plane.close();
  expect((await client.closed).code).toBe(1001);
  expect(server.table.size).toBe(0);
});

/** A clock that runs faster than the real one. */
function fastClock(factor: number): () => number {
  return () => performance.now() * factor;
}
