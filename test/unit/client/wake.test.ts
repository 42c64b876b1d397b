import { expect, test } from 'vitest';
import { ClientScript } from '../../fakes/client-script.ts';

const MINUTE = 60_000;
const lost = async (changes: { readonly online?: boolean; readonly visible?: boolean } = {}) => {
  const script = await new ClientScript().begin();
  await script.pass(10_000);
  script.env.change(changes);
  if (changes.visible === false) {
    // The gateway's pings are not seen: it is heard all the same.
    for (let i = 0; i < 10; i++) {
      script.socket.say({ type: 'pong' });
      await script.pass(8_000);
    }
  }
  script.socket.drop();
  return script;
};

test('offline, nothing is tried until the network is back; then at once', async () => {
  const script = await lost({ online: false });
  expect(script.client.state).toMatchObject({ kind: 'waiting', reason: 'offline', nextAttemptInMs: null });
  script.publish('x');
  await script.pass(10 * MINUTE);
  expect(script.env.sockets.length).toBe(1);
  script.env.change({ online: true });
  await script.pass(0);
  expect(script.env.sockets.length).toBe(2);
});

test('hidden for long and with nothing to say, it waits until the page is seen; then at once', async () => {
  const script = await lost({ visible: false });
  expect(script.client.state).toMatchObject({ kind: 'waiting', reason: 'hidden', nextAttemptInMs: null });
  await script.pass(10 * MINUTE);
  expect(script.env.sockets.length).toBe(1);
  script.env.change({ visible: true });
  await script.pass(0);
  expect(script.env.sockets.length).toBe(2);
});

test.each([
  { name: 'a publish', need: (script: ClientScript) => script.publish('x') },
  { name: 'a question', need: (script: ClientScript) => void script.channel.history().catch(() => {}) },
  { name: 'a subscribe', need: (script: ClientScript) => void script.client.channel('other').subscribe() },
])('hidden, $name brings it back at once', async ({ need }) => {
  const script = await lost({ visible: false });
  await script.pass(MINUTE);
  need(script);
  await script.pass(0);
  expect(script.env.sockets.length).toBe(2);
});

test('hidden with something to say it keeps trying', async () => {
  const script = await new ClientScript().begin();
  script.env.change({ visible: false });
  await script.pass(9_000);
  script.publish('x');
  script.socket.drop();
  await script.pass(2 * MINUTE);
  expect(script.env.sockets.length).toBeGreaterThan(5);
});

test('hidden only just, it reconnects', async () => {
  const script = await new ClientScript().begin();
  script.env.change({ visible: false });
  script.socket.drop();
  await script.pass(1_000);
  expect(script.env.sockets.length).toBe(2);
});

test('an application may want it even hidden', async () => {
  const script = await new ClientScript({ reconnectWhileHidden: true }).begin();
  script.env.change({ visible: false });
  for (let i = 0; i < 10; i++) {
    script.socket.say({ type: 'pong' });
    await script.pass(8_000);
  }
  script.socket.drop();
  await script.pass(1_000);
  expect(script.env.sockets.length).toBe(2);
});

test('a wait of the back-off is cut short when the page is seen again; one that a server asked for is not', async () => {
  for (const { drop, want } of [
    { drop: [1011], want: 2 },
    { drop: [1013, '{"retryAfterMs":60000}'], want: 1 },
  ]) {
    const script = await new ClientScript().begin();
    script.env.change({ visible: false });
    script.socket.drop(drop[0] as number, drop[1] as string | undefined);
    await script.pass(10);
    script.env.change({ visible: true });
    await script.pass(0);
    expect(script.env.sockets.length).toBe(want);
  }
});

test('coming back asks the gateway at once whether it lives', async () => {
  const script = await new ClientScript().begin();
  script.env.change({ visible: false });
  await script.pass(100);
  script.env.change({ visible: true });
  expect(script.socket.saidOf('ping').length).toBe(1);
  await script.pass(5_000);
  expect(script.client.state).toMatchObject({ kind: 'waiting', code: 4002 });
});
