import { expect, test } from 'vitest';
import type { Migrate } from '../../../protocol/messages.ts';
import { at, connected, type FakeSocket, message, published, subscribed } from '../../fakes/client-environment.ts';
import { ClientScript } from '../../fakes/client-script.ts';

const migrate: Migrate = { type: 'migrate', delayMs: 1_000, deadlineMs: 30_000, reason: 'drain' };

/** A client on g1 that was asked to move, and its next socket, which is not open yet. */
async function moving(options: { readonly presence?: boolean } = {}): Promise<{ script: ClientScript; old: FakeSocket; next: FakeSocket }> {
  const script = await new ClientScript().begin(options);
  const old = script.socket;
  old.say(migrate);
  await script.pass(500);
  const next = script.socket;
  expect(next).not.toBe(old);
  return { script, old, next };
}

test('it opens the new connection within the given delay, and closes the old only when it has taken over', async () => {
  const { script, old, next } = await moving();
  old.say(message(at(6)));
  next.open();
  expect(next.said).toMatchObject([
    { type: 'connect', cause: 'migrate' },
    { type: 'subscribe', position: at(6) },
  ]);
  next.say(connected({ gateway: 'g2' }));
  old.say(message(at(7)));
  expect(old.closedWith).toBe(null);
  next.say(subscribed(at(6)));
  expect(old.closedWith).toBe(1000);
  next.say(message(at(7)), message(at(8)));
  expect(script.news()).toEqual([
    'message 6',
    'message 7',
    'opened (migrate)',
    'subscribed at 7 (migrate)',
    'connected',
    'migrated g1 → g2 (drain)',
    'closed (new)',
    'message 8',
  ]);
});

test('messages that come on both connections count once, whichever is ahead', async () => {
  const { script, old, next } = await moving();
  script.publish('x');
  next.open().say(connected({ gateway: 'g2' }), subscribed(at(5)), message(at(6)));
  old.say(message(at(6)), message(at(7)));
  next.say(message(at(7)), message(at(8)));
  old.say(message(at(8)), message(at(9)));
  next.say(message(at(9)));
  expect(script.news().filter((line) => line.startsWith('message'))).toEqual(['message 6', 'message 7', 'message 8', 'message 9']);
});

test('what was not acknowledged is said on the new connection with the same ids; the old is kept for its last answers', async () => {
  const { script, old, next } = await moving();
  script.publish('x');
  script.publish('y');
  next.serve();
  expect(next.saidOf('publish').map(({ id }) => id)).toEqual(['x']);
  expect(old.closedWith).toBe(null);
  old.say(published('x', at(6)));
  expect(old.closedWith).toBe(1000);
  expect(next.saidOf('publish').map(({ id }) => id)).toEqual(['x', 'y']);
  next.say(published('x', at(6)), published('y', at(7)));
  await script.pass(0);
  expect(script.results).toEqual({ x: 6, y: 7 });
});

test('the old connection is not kept for long', async () => {
  const { script, old, next } = await moving();
  script.publish('x');
  next.serve();
  await script.pass(1_999);
  expect(old.closedWith).toBe(null);
  await script.pass(1);
  expect(old.closedWith).toBe(1000);
});

test('a new connection that fails is tried again while the old one serves', async () => {
  const { script, old, next } = await moving();
  next.drop(1013, '{"retryAfterMs":2000}');
  old.say(message(at(6)));
  await script.pass(1_999);
  expect(script.env.sockets.length).toBe(2);
  await script.pass(1);
  script.serve(at(6), 'g3');
  expect(script.news()).toEqual([
    'message 6',
    'opened (migrate)',
    'subscribed at 6 (migrate)',
    'connected',
    'migrated g1 → g3 (drain)',
    'closed (new)',
  ]);
});

test('after the deadline it tries no more, and reconnects when the gateway closes', async () => {
  const { script, old } = await moving();
  for (let ms = 0; ms < 60_000; ms += 100) {
    if (script.socket !== old && script.socket.readyState === 0) script.socket.drop();
    if (ms % 5_000 === 0) old.say({ type: 'pong' });
    await script.pass(100);
  }
  const tries = script.env.sockets.length;
  expect(tries).toBeGreaterThan(4);
  old.drop(1012);
  await script.pass(500);
  expect(script.env.sockets.length).toBe(tries + 1);
  expect(script.news()).toEqual(['closed (new)', 'waiting: backing-off', 'connecting']);
});

test('when the old connection breaks first, the new one goes on in its place', async () => {
  const { script, old, next } = await moving();
  script.publish('x');
  old.drop();
  expect(script.client.state.kind).toBe('connecting');
  next.serve();
  expect(next.saidOf('publish').map(({ id }) => id)).toEqual(['x']);
  expect(script.env.sockets.length).toBe(2);
  expect(script.news()).toEqual(['closed (new)', 'connecting', 'connected', 'subscribed at 5 (migrate)', 'opened (migrate)']);
});

test('when the old connection breaks while it waits to move, it reconnects', async () => {
  const script = await new ClientScript().begin();
  script.socket.say(migrate);
  await script.pass(100);
  script.socket.drop();
  await script.pass(2_000);
  expect(script.env.sockets.length).toBe(2);
  expect(script.socket.open().saidOf('connect')).toMatchObject([{ cause: 'reconnect' }]);
});

test('asked twice, it moves once', async () => {
  const { script, old, next } = await moving();
  old.say(migrate);
  await script.pass(2_000);
  expect(script.env.sockets.length).toBe(2);
  next.serve();
  await script.pass(5_000);
  expect(script.env.sockets.length).toBe(2);
});

test('when the new gateway is to be left too, it takes over first, and moves on from there', async () => {
  const { script, next } = await moving();
  next.open().say(connected({ gateway: 'g2' }), { ...migrate, reason: 'cordoned' }, subscribed(at(5)));
  await script.pass(500);
  script.serve(at(5), 'g3');
  expect(script.news().filter((line) => line.startsWith('migrated'))).toEqual(['migrated g1 → g2 (drain)', 'migrated g2 → g3 (cordoned)']);
});

test('gateways that pass a client on and on do so ever more slowly', async () => {
  const script = await new ClientScript().begin();
  const opened: number[] = [];
  for (let i = 0; i < 8; i++) {
    const { socket } = script;
    socket.say({ ...migrate, delayMs: 0 });
    while (script.socket === socket) await script.pass(50);
    opened.push(script.env.now());
    script.serve();
  }
  const gaps = opened.map((time, i) => time - (opened[i - 1] ?? 0));
  expect(gaps.at(-1)).toBeGreaterThan(2_000);
});

test('a channel that is subscribed to while it moves is waited for', async () => {
  const { script, old, next } = await moving();
  next.open().say(connected({ gateway: 'g2' }));
  void script.client.channel('d').subscribe();
  expect(old.saidOf('subscribe').map(({ channel }) => channel)).toEqual(['c', 'd']);
  expect(next.saidOf('subscribe').map(({ channel }) => channel)).toEqual(['c', 'd']);
  next.say(subscribed(at(5)));
  expect(old.closedWith).toBe(null);
  next.say(subscribed(at(1), true, 'd'));
  expect(old.closedWith).toBe(1000);
});

test('questions are asked again on the new connection, and answered once', async () => {
  const { script, old, next } = await moving();
  const answer = script.channel.history();
  next.serve();
  const [question] = next.saidOf('history');
  expect(question).toEqual(old.saidOf('history')[0]);
  next.say({ type: 'history', id: question?.id ?? '', channel: 'c', messages: [], more: true });
  old.say({ type: 'history', id: question?.id ?? '', channel: 'c', messages: [], more: false });
  expect((await answer).more).toBe(true);
  expect(old.closedWith).toBe(1000);
});

test('events and presence come from one connection only, and nobody flickers', async () => {
  const { script, old, next } = await moving({ presence: true });
  const event = { type: 'event', channel: 'c', name: 'typing', member: 'm' } as const;
  const list = (version: string, ...members: string[]) =>
    ({ type: 'presence', channel: 'c', version, members: members.map((member) => ({ member })) }) as const;
  old.say(list('1', 'ada', 'bob'));
  next
    .open()
    .say(connected({ gateway: 'g2' }), list('2', 'ada', 'bob', 'cyd'), { type: 'leave', channel: 'c', version: '3', member: 'bob' }, event);
  old.say({ type: 'join', channel: 'c', version: '2', member: 'cyd' }, event);
  script.publish('x');
  next.say(subscribed(at(5)));
  old.say({ type: 'leave', channel: 'c', version: '3', member: 'bob' }, event);
  next.say(event);
  const presence = script.news().filter((line) => /^[+-]|event/.test(line));
  expect(presence).toEqual(['+ada', '+bob', '+cyd', 'event typing', '-bob', 'event typing']);
  expect(script.channel.members.map(({ member }) => member)).toEqual(['ada', 'cyd']);
});

test('close in mid-move ends both connections', async () => {
  const { script, old, next } = await moving();
  next.open();
  await script.client.close({ flushMs: 0 });
  expect({ old: old.closedWith, next: next.closedWith, timers: script.env.time.pending }).toEqual({ old: 1000, next: 1000, timers: 0 });
});
