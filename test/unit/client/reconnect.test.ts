import { expect, test } from 'vitest';
import { at, connected, FakeEnvironment, message, published, subscribed } from '../../fakes/client-environment.ts';
import { ClientScript } from '../../fakes/client-script.ts';

const begun = (options: ConstructorParameters<typeof ClientScript>[0] = {}) => new ClientScript(options).begin();

test('the greeting says all at once, and waits for nothing', async () => {
  const script = new ClientScript({ token: 't', name: 'Ada', session: 'a session of mine' });
  void script.channel.subscribe({ position: at(3), presence: true });
  script.client.connect();
  await script.pass(0);
  script.socket.open();
  expect(script.socket.url).toMatch(/^ws:\/\/gateways\/v1\/websocket\?session=[0-9a-f]{8}$/);
  expect(script.socket.protocols).toEqual(['chatcluster.v1']);
  expect(script.socket.said).toEqual([
    {
      type: 'connect',
      session: 'a session of mine',
      token: 't',
      name: 'Ada',
      client: { name: 'chatcluster-js', version: '0.1.0' },
      features: ['migrate'],
    },
    { type: 'subscribe', channel: 'c', position: at(3), presence: true },
  ]);
});

test('after a loss it resumes from its position and says again what was not acknowledged, without waiting', async () => {
  const script = await begun();
  script.socket.say(message(at(6)), message(at(7)));
  script.publish('x');
  script.socket.drop();
  await script.pass(1_000);
  script.socket.open();
  expect(script.env.sockets.length).toBe(2);
  expect(script.socket.said).toMatchObject([
    { type: 'connect', cause: 'reconnect' },
    { type: 'subscribe', position: at(7) },
    { type: 'publish', id: 'x', data: 'x' },
  ]);
  script.socket.say(connected(), subscribed(at(7)), message(at(8)), published('x', at(8)));
  await script.pass(0);
  expect(script.results).toEqual({ x: 8 });
  expect(script.news()).toEqual([
    'message 6',
    'message 7',
    'closed (new)',
    'waiting: backing-off',
    'connecting',
    'connected',
    'subscribed at 7 (reconnect)',
    'opened (reconnect)',
    'message 8',
  ]);
});

test.each([
  { name: 'a crash: within the spread', drop: [1006], stable: 10_000, want: 500 },
  { name: 'a drain’s deadline: within the spread', drop: [1012], stable: 10_000, want: 500 },
  { name: 'a refusal: as the server says', drop: [1013, '{"retryAfterMs":3000}'], stable: 10_000, want: 3_000 },
  { name: 'a failure of the gateway: back-off', drop: [1011], stable: 10_000, want: 250 },
])('$name', async ({ drop, stable, want }) => {
  const script = await begun();
  await script.pass(stable);
  script.socket.drop(drop[0] as number, drop[1] as string | undefined);
  expect(script.client.state).toMatchObject({ kind: 'waiting', reason: 'backing-off', nextAttemptInMs: want, code: drop[0] });
  await script.pass(want - 1);
  expect(script.env.sockets.length).toBe(1);
  await script.pass(1);
  expect(script.env.sockets.length).toBe(2);
});

test('the back-off grows with each failure, and only a stable connection begins it anew', async () => {
  const script = await begun();
  const waits: number[] = [];
  const lose = async () => {
    script.socket.drop();
    const { state } = script.client;
    const ms = state.kind === 'waiting' ? (state.nextAttemptInMs ?? 0) : 0;
    waits.push(ms);
    await script.pass(ms);
  };
  for (let i = 0; i < 8; i++) await lose();
  script.serve();
  await script.pass(4_000);
  await lose();
  script.serve();
  await script.pass(5_000);
  await lose();
  expect(waits).toEqual([500, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000, 500]);
});

test.each([
  { name: '1000', code: 1000 },
  { name: '1009', code: 1009 },
  { name: '4400', code: 4400 },
  { name: '4401 with a fixed token', code: 4401 },
])('$name ends it: all that waits is told, nothing is left running', async ({ code }) => {
  const script = await begun();
  script.publish('x');
  script.socket.drop(code, 'so');
  await script.pass(60_000);
  expect(script.client.state).toEqual({ kind: 'closed', code, reason: 'so' });
  expect({ results: script.results, timers: script.env.time.pending, listeners: script.env.wakeListeners }).toEqual({
    results: { x: 'closed' },
    timers: 0,
    listeners: 0,
  });
  script.client.connect();
  await script.pass(0);
  script.socket.open();
  expect(script.socket.saidOf('subscribe')).toMatchObject([{ position: at(5) }]);
});

test('a token function gives a fresh token for each connection, and a refused one is replaced twice', async () => {
  let count = 0;
  const script = new ClientScript({ token: async () => `token ${++count}` });
  script.client.connect();
  for (let i = 0; i < 3; i++) {
    await script.pass(5_000);
    script.socket.open();
    script.socket.drop(4401);
  }
  expect(script.env.sockets.flatMap((socket) => socket.saidOf('connect').map(({ token }) => token))).toEqual([
    'token 1',
    'token 2',
    'token 3',
  ]);
  expect(script.client.state.kind).toBe('closed');
});

test('without a token there is no connection, but another try', async () => {
  let fails = true;
  const script = new ClientScript({
    token: () => {
      if (fails) throw new Error('no token today');
      return 't';
    },
  });
  script.client.connect();
  await script.pass(0);
  expect(script.client.state).toMatchObject({ kind: 'waiting', code: 1011 });
  fails = false;
  await script.pass(1_000);
  expect(script.env.sockets.length).toBe(1);
});

test('a gateway that says nothing in time is left, and the next is tried at once', async () => {
  const script = new ClientScript();
  script.client.connect();
  await script.pass(0);
  const { socket } = script;
  socket.open();
  await script.pass(9_999);
  expect({ closed: socket.closedWith, sockets: script.env.sockets.length }).toEqual({ closed: null, sockets: 1 });
  await script.pass(1);
  expect({ closed: socket.closedWith, sockets: script.env.sockets.length }).toEqual({ closed: 1000, sockets: 2 });
});

test('a gateway that dies without a word is found dead by its silence', async () => {
  const script = await begun();
  await script.pass(10_000);
  expect(script.socket.saidOf('ping').length).toBe(1);
  await script.pass(5_000);
  expect(script.client.state).toMatchObject({ kind: 'waiting', code: 4002 });
  expect(script.socket.closedWith).toBe(4002);
});

test('sooner by a publish that is not answered', async () => {
  const script = await begun();
  await script.pass(1_000);
  script.publish('x');
  await script.pass(2_000);
  expect(script.socket.saidOf('ping').length).toBe(1);
  await script.pass(5_000);
  expect(script.client.state).toMatchObject({ kind: 'waiting', code: 4002 });
});

test('but not by an event, which is never answered', async () => {
  const script = await begun();
  await script.pass(1_000);
  script.channel.sendEvent('typing');
  await script.pass(8_000);
  expect(script.socket.saidOf('ping')).toEqual([]);
});

test('a gateway that checks long who it is, is asked nothing meanwhile', async () => {
  const script = new ClientScript();
  script.client.connect();
  await script.pass(0);
  script.socket.open();
  await script.pass(9_900);
  expect(script.socket.saidOf('ping')).toEqual([]);
  script.socket.say(connected());
  expect(script.client.state.kind).toBe('connected');
});

test('when nothing answers, a client that was connected tries anew after a few seconds, then after longer', async () => {
  const script = await begun();
  await script.pass(6_000);
  script.socket.drop();
  const tries: number[] = [];
  for (let count = 1, ms = 0; ms < 30_000; ms += 100) {
    await script.pass(100);
    if (script.env.sockets.length > count) tries.push(ms + 100);
    count = script.env.sockets.length;
  }
  // Within the spread; then after 3, 6 and 10 s: the time tried is longer than the wait would be.
  expect(tries).toEqual([500, 3_500, 9_500, 19_500, 29_500]);
});

test('a text that is no message ends the connection, not the client', async () => {
  const script = await begun();
  script.socket.onmessage?.({ data: '<html>' } as never);
  expect(script.client.state).toMatchObject({ kind: 'waiting', code: 1011 });
});

test('messages of later versions are ignored', async () => {
  const script = await begun();
  script.socket.onmessage?.({ data: '{"type":"confetti"}' } as never);
  script.socket.say(message(at(6)));
  expect(script.news()).toEqual(['message 6']);
});

test('what is published before the first connection waits for it', async () => {
  const script = new ClientScript();
  script.publish('x');
  script.client.connect();
  await script.pass(0);
  script.socket.open().say(connected());
  expect(script.socket.saidOf('publish').map(({ id }) => id)).toEqual(['x']);
});

test('the first publish waits until its limit is known: a message that is too large fails alone', async () => {
  const script = new ClientScript();
  script.publish('x'.repeat(128));
  script.channel.publish('x'.repeat(2_000), 'big').catch((error: { code: string }) => {
    script.results.big = error.code;
  });
  script.client.connect();
  await script.pass(0);
  script.socket.open();
  expect(script.socket.saidOf('publish')).toEqual([]);
  script.socket.say(connected());
  expect(script.socket.saidOf('publish').length).toBe(1);
  script.socket.say(published('x'.repeat(128), at(1)));
  await script.pass(0);
  expect(script.results.big).toBe('too-big');
});

test('close waits for acknowledgements while a gateway serves, then ends everything', async () => {
  const script = await begun();
  script.publish('x');
  script.publish('y');
  const closing = script.client.close();
  await script.pass(10);
  await expect(script.channel.publish('late')).rejects.toMatchObject({ code: 'closed' });
  script.socket.say(published('x', at(6)));
  await script.pass(10);
  expect(script.client.state.kind).toBe('connected');
  await script.pass(5_000);
  await closing;
  expect({ results: script.results, closedWith: script.socket.closedWith }).toEqual({ results: { x: 6, y: 'closed' }, closedWith: 1000 });
  expect({ timers: script.env.time.pending, listeners: script.env.wakeListeners }).toEqual({ timers: 0, listeners: 0 });
});

test('close without a gateway rejects at once', async () => {
  const script = await begun();
  script.socket.drop();
  script.publish('x');
  await script.client.close();
  await script.pass(0);
  expect({ results: script.results, timers: script.env.time.pending }).toEqual({ results: { x: 'closed' }, timers: 0 });
});

test.each(['connecting', 'connected', 'waiting'])('a listener may close the client when it hears "%s"', async (kind) => {
  const script = new ClientScript();
  script.client.on('state', (state) => {
    if (state.kind === kind) void script.client.close({ flushMs: 0 });
  });
  script.client.connect();
  await script.pass(0);
  if (kind !== 'connecting') script.socket.open().say(connected());
  if (kind === 'waiting') script.socket.drop();
  await script.pass(60_000);
  expect({ state: script.client.state.kind, timers: script.env.time.pending }).toEqual({ state: 'closed', timers: 0 });
  expect(script.env.sockets.every(({ readyState }) => readyState !== 1)).toBe(true);
});

test('a WebSocket that can’t be made is a failure like others', async () => {
  const env = new FakeEnvironment();
  const webSocket = class {
    constructor() {
      throw new Error('mixed content');
    }
  };
  const script = new ClientScript({ webSocket: webSocket as never, environment: env });
  script.client.connect();
  await env.time.advance(0);
  expect(script.client.state).toMatchObject({ kind: 'waiting', code: 1011 });
});
