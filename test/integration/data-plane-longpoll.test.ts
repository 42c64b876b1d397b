import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Broker } from '../../gateway/broker/broker.ts';
import { MemoryEngine } from '../../gateway/broker/memory/engine.ts';
import type { DataPlaneDeps } from '../../gateway/data-plane.ts';
import { type DataPlaneServer, SETTINGS, startDataPlane } from '../fakes/data-plane-server.ts';
import { FlakyBroker } from '../fakes/flaky-broker.ts';
import { PlainClient } from '../fakes/plain-client.ts';
import { PollingClient, post } from '../fakes/polling-client.ts';

let engine: MemoryEngine;
const servers: DataPlaneServer[] = [];
const brokers: Broker[] = [];

beforeEach(() => {
  engine = new MemoryEngine();
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  await Promise.all(brokers.splice(0).map((broker) => broker.close()));
});

function connectBroker(): Broker {
  const broker = engine.connect();
  brokers.push(broker);
  return broker;
}

async function serve(over: Partial<DataPlaneDeps> = {}): Promise<DataPlaneServer> {
  const server = await startDataPlane(connectBroker(), over);
  servers.push(server);
  return server;
}

const held = (server: DataPlaneServer) => expect.poll(() => server.table.polls.held).toBe(1);
const publish = (broker: Broker, id: string) => broker.publish('room', { id, member: 'm', data: '0' });
const types = (messages: readonly { type: string }[]) => messages.map(({ type }) => type);

test('a session counts where it polls, not where it only says something', async () => {
  const [here, there] = [await serve(), await serve()];
  const client = new PollingClient('room');
  await client.poll(here.pollUrl, 0);
  const answer = client.poll(here.pollUrl, 20_000);
  await held(here);
  await client.say(there.pollUrl, { type: 'ping' });
  expect([here.table.size, there.table.size]).toEqual([1, 0]);
  await client.say(there.pollUrl, { type: 'publish', channel: 'room', id: 'm1', data: 1 });
  await answer;
  await client.poll(there.pollUrl, 0);
  await expect.poll(() => here.table.size).toBe(0);
});

test('a broker that is degraded is told at once to those who don’t know, and each answer says whether it is', async () => {
  const broker = new FlakyBroker();
  const server = await startDataPlane(broker);
  servers.push(server);
  const client = new PollingClient('room');
  await client.poll(server.pollUrl, 0);
  const first = client.poll(server.pollUrl, 20_000);
  await held(server);
  broker.unavailable = true;
  expect((await first).messages.at(-1)).toEqual({ type: 'degraded', active: true });
  // It knows: held until the next news.
  const second = client.poll(server.pollUrl, 20_000);
  await held(server);
  // Another does not.
  const newcomer = new PollingClient();
  expect(types((await newcomer.poll(server.pollUrl, 20_000)).messages)).toEqual(['connected', 'degraded']);
  broker.unavailable = false;
  expect((await second).messages.filter(({ type }) => type === 'degraded')).toEqual([
    { type: 'degraded', active: true },
    { type: 'degraded', active: false },
  ]);
  // It knows of no end, for it held no poll: it is told so by an answer without a word of it.
  expect(types((await newcomer.poll(server.pollUrl, 20_000)).messages)).toEqual(['connected']);
});

describe('a poll', () => {
  test('without a position is answered at once with the head', async () => {
    const server = await serve();
    const client = new PollingClient('room');
    const { status, messages } = await client.poll(server.pollUrl, 20_000);
    expect([status, types(messages)]).toEqual([200, ['connected', 'subscribed']]);
    expect(client.positions.get('room')).toMatchObject({ offset: 0 });
  });

  test('that has all there is is held until the next message', async () => {
    const server = await serve();
    const broker = connectBroker();
    const client = new PollingClient('room');
    await client.poll(server.pollUrl, 0);
    const answer = client.poll(server.pollUrl, 20_000);
    await held(server);
    await publish(broker, 'm1');
    expect(types((await answer).messages)).toEqual(['connected', 'subscribed', 'message']);
  });

  test('is answered without news when its time is over', async () => {
    const server = await serve();
    const client = new PollingClient('room');
    await client.poll(server.pollUrl, 0);
    const { status, messages } = await client.poll(server.pollUrl, 30);
    expect([status, types(messages)]).toEqual([200, ['connected', 'subscribed']]);
  });

  test('that missed messages is answered at once with them', async () => {
    const server = await serve();
    const broker = connectBroker();
    const client = new PollingClient('room');
    await client.poll(server.pollUrl, 0);
    for (const id of ['m1', 'm2']) await publish(broker, id);
    await client.poll(server.pollUrl, 20_000);
    expect(client.delivered.map(({ id }) => id)).toEqual(['m1', 'm2']);
  });

  test('is not done away with by a request of its session that only says something', async () => {
    const server = await serve();
    const client = new PollingClient('room');
    await client.poll(server.pollUrl, 0);
    const poll = client.poll(server.pollUrl, 20_000);
    await held(server);
    const said = await client.say(server.pollUrl, { type: 'publish', channel: 'room', id: 'mine', data: 1 });
    expect(types(said.messages)).toEqual(['connected', 'published']);
    expect((await poll).messages.at(-1)).toMatchObject({ type: 'message', id: 'mine' });
    expect(server.table.size).toBe(1);
  });

  test('takes the place of an earlier one of its session, which is answered', async () => {
    const server = await serve();
    const client = new PollingClient('room');
    await client.poll(server.pollUrl, 0);
    const earlier = client.poll(server.pollUrl, 20_000);
    await held(server);
    const later = client.poll(server.pollUrl, 50);
    expect(types((await earlier).messages)).not.toContain('message');
    await later;
    expect(server.table.size).toBe(1);
  });

  test('that is broken off leaves nothing behind but the session, which counts for a while longer', async () => {
    let nowMs = 0;
    const server = await serve({ now: () => nowMs });
    const client = new PollingClient('room');
    await client.poll(server.pollUrl, 0);
    const abort = new AbortController();
    const poll = client.poll(server.pollUrl, 20_000, { signal: abort.signal });
    await held(server);
    abort.abort();
    await expect(poll).rejects.toThrow();
    await expect.poll(() => server.table.polls.held).toBe(0);
    expect(server.table.size).toBe(1);
    nowMs = 11_000;
    await expect.poll(() => server.table.size, { timeout: 5_000 }).toBe(0);
    await expect.poll(() => server.plane.channels, { timeout: 5_000 }).toBe(0);
  });
});

test('nothing is lost or doubled over two gateways, though every third answer never arrives', async () => {
  const [one, two] = [await serve(), await serve({ name: 'gateway-2' })];
  const broker = connectBroker();
  const client = new PollingClient('room');
  await client.poll(one.pollUrl, 0);
  const total = 300;
  const publishing = (async () => {
    for (let n = 1; n <= total; n++) {
      await publish(broker, `m${n}`);
      if (n % 7 === 0) await new Promise(setImmediate);
    }
  })();
  for (let round = 0; client.delivered.length < total; round++) {
    await client.poll(round % 2 === 0 ? two.pollUrl : one.pollUrl, 1_000, { lost: round % 3 === 2 });
  }
  await publishing;
  expect(client.delivered.map(({ position }) => position.offset)).toEqual(Array.from({ length: total }, (_, i) => i + 1));
});

test('a polling and a WebSocket client hear the same of a channel', async () => {
  const server = await serve();
  const socket = await PlainClient.connect(server.websocketUrl);
  socket.say({ type: 'subscribe', channel: 'room' });
  await socket.next('subscribed');
  const client = new PollingClient('room');
  await client.poll(server.pollUrl, 0);
  const poll = client.poll(server.pollUrl, 20_000);
  await held(server);
  socket.say({ type: 'publish', channel: 'room', id: 'm1', data: { deep: ['ü'] } });
  const heard = await socket.next('message');
  expect((await poll).messages.at(-1)).toEqual(heard);
  await socket.close();
});

describe('moving away', () => {
  test('a held poll is answered with migrate at once, and its TCP connection closed', async () => {
    const server = await serve();
    const client = new PollingClient('room');
    await client.poll(server.pollUrl, 0);
    const poll = client.poll(server.pollUrl, 20_000);
    await held(server);
    for (const connection of server.table) connection.migrate({ type: 'migrate', delayMs: 0, deadlineMs: 1, reason: 'drain' });
    const { messages, headers } = await poll;
    expect(messages.at(-1)).toMatchObject({ type: 'migrate', reason: 'drain' });
    expect(headers.get('connection')).toBe('close');
    expect(server.table.size).toBe(0);
  });

  test('a session between two polls is told by the answer to its next one', async () => {
    const server = await serve();
    const client = new PollingClient('room');
    await client.poll(server.pollUrl, 0);
    for (const connection of server.table) connection.migrate({ type: 'migrate', delayMs: 0, deadlineMs: 1, reason: 'shed' });
    expect([...server.table].map(({ migrating }) => migrating)).toEqual([true]);
    expect((await client.poll(server.pollUrl, 20_000)).messages.at(-1)).toMatchObject({ type: 'migrate' });
    expect(server.table.size).toBe(0);
  });

  test('a cordoned gateway serves who finds it, and asks to move with the answer', async () => {
    const server = await serve();
    server.admit({ kind: 'accept-and-migrate' });
    const client = new PollingClient('room');
    const { messages, headers } = await client.poll(server.pollUrl, 20_000, {
      more: [{ type: 'publish', channel: 'room', id: 'm1', data: 1 }],
    });
    expect(types(messages)).toEqual(expect.arrayContaining(['subscribed', 'published', 'migrate']));
    expect(headers.get('connection')).toBe('close');
    expect(server.table.size).toBe(0);
  });

  test('a full gateway answers 503 with the time to come back', async () => {
    const server = await serve();
    server.admit({ kind: 'refuse', retryAfterMs: 2_500 });
    const { status, headers, messages } = await new PollingClient('room').poll(server.pollUrl, 0);
    expect([status, headers.get('retry-after'), headers.get('connection')]).toEqual([503, '3', 'close']);
    expect(messages).toMatchObject([{ type: 'error', retryable: true, retryAfterMs: 2_500 }]);
  });

  test('closing answers what is held', async () => {
    const server = await serve();
    const client = new PollingClient('room');
    await client.poll(server.pollUrl, 0);
    const poll = client.poll(server.pollUrl, 20_000);
    await held(server);
    await server.plane.close();
    expect((await poll).status).toBe(200);
    expect(server.table.size).toBe(0);
  });
});

describe('presence over polls', () => {
  const subscribe = (client: PollingClient, version?: string) =>
    ({
      type: 'subscribe',
      channel: 'hall',
      presence: true,
      ...(version === undefined ? null : { presenceVersion: version }),
      ...(client.positions.get('hall') && { position: client.positions.get('hall') }),
    }) as const;

  test('comes once, then only its changes, and a member stays between polls', async () => {
    const server = await serve();
    const client = new PollingClient();
    const poll = (wait: number, version?: string) =>
      post(server.pollUrl, { messages: [{ type: 'connect', session: client.session }, subscribe(client, version)], wait });
    const first = await poll(0);
    const presence = first.messages.find((message) => message.type === 'presence');
    expect(presence?.members).toHaveLength(1);
    for (const message of first.messages) if (message.type === 'subscribed') client.positions.set('hall', message.position);
    expect(types((await poll(30, presence?.version)).messages)).toEqual(['connected', 'subscribed']);
    const next = poll(20_000, presence?.version);
    await held(server);
    const other = await PlainClient.connect(server.websocketUrl, { name: 'Bob' });
    other.say({ type: 'subscribe', channel: 'hall', presence: true });
    expect((await next).messages.at(-1)).toMatchObject({ type: 'join', name: 'Bob' });
    expect((await other.next('presence')).members).toHaveLength(2);
    await other.close();
  });

  test('ends for the channels that a later poll does not name any more', async () => {
    const server = await serve();
    const broker = connectBroker();
    const client = new PollingClient('room');
    await post(server.pollUrl, { messages: [{ type: 'connect', session: client.session }, subscribe(client)], wait: 0 });
    expect((await broker.presence('hall')).members).toHaveLength(1);
    await client.poll(server.pollUrl, 0);
    expect((await broker.presence('hall')).members).toHaveLength(0);
  });
});

describe('a request', () => {
  const session = 'a'.repeat(32);
  test.each([
    { name: 'that is not JSON', body: 'hello', want: 400, says: 'JSON' },
    { name: 'without messages', body: { messages: [] }, want: 400, says: 'messages' },
    { name: 'that does not begin with connect', body: { messages: [{ type: 'ping' }] }, want: 400, says: 'connect' },
    { name: 'whose connect is wrong', body: { messages: [{ type: 'connect', session: 'short' }] }, want: 400, says: 'session' },
    { name: 'whose wait is wrong', body: { messages: [{ type: 'connect', session }], wait: -1 }, want: 400, says: 'wait' },
    { name: 'that is too large', body: 'x'.repeat(200_000), want: 413, says: 'body' },
  ])('$name is answered $want with an error that says what to do', async ({ body, want, says }) => {
    const server = await serve();
    const { status, messages, headers } = await post(server.pollUrl, body);
    expect(status).toBe(want);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(messages).toMatchObject([{ type: 'error', message: expect.stringContaining(says) }]);
    expect(server.table.size).toBe(0);
  });

  test('with a message that is wrong or too large is answered with its error, and the others are heard', async () => {
    const server = await serve({ settings: { ...SETTINGS, messageBytes: 1_000 } });
    const client = new PollingClient();
    const large = { type: 'publish', channel: 'room', id: 'large', data: 'x'.repeat(2_000) } as const;
    const { messages } = await client.say(server.pollUrl, large, { type: 'publish', channel: 'room', id: 'fine', data: 1 });
    expect(messages).toMatchObject([{ type: 'connected' }, { type: 'error', id: 'large' }, { type: 'published', id: 'fine' }]);
  });

  test('with a token that is refused is answered 401', async () => {
    const server = await serve({ authenticate: async () => ({ kind: 'refused', message: 'no' }) });
    const { status, messages } = await new PollingClient('room').poll(server.pollUrl, 1_000);
    expect(status).toBe(401);
    expect(messages).toMatchObject([{ type: 'error', code: 'unauthorized' }]);
    expect(server.table.size).toBe(0);
  });

  test('of a browser that asks first, or by another method, is answered', async () => {
    const server = await serve();
    const preflight = await fetch(server.pollUrl, { method: 'OPTIONS' });
    expect([preflight.status, preflight.headers.get('access-control-allow-methods')]).toEqual([204, 'POST, OPTIONS']);
    const wrong = await fetch(server.pollUrl);
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
    await wrong.text();
  });
});
