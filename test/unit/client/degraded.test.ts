import { expect, test } from 'vitest';
import type { ServerMessage } from '../../../protocol/messages.ts';
import { at, connected, message, subscribed } from '../../fakes/client-environment.ts';
import { ClientScript } from '../../fakes/client-script.ts';

const degraded = (active: boolean): ServerMessage => ({ type: 'degraded', active });

test('that the gateway is degraded is told once, and its end; the streams go on as if nothing had been', async () => {
  const script = await new ClientScript().begin();
  expect(script.client.degraded).toBe(false);
  script.socket.say(degraded(true), degraded(true));
  expect(script.client.degraded).toBe(true);
  script.socket.say(degraded(false), message(at(6)), degraded(false));
  expect(script.client.degraded).toBe(false);
  expect(script.news()).toEqual(['degraded', 'not degraded', 'message 6']);
});

test('a loss of the connection ends it, and a new connection says whether it goes on', async () => {
  const script = await new ClientScript().begin();
  script.socket.say(degraded(true)).drop();
  expect(script.client.degraded).toBe(false);
  await script.pass(1_000);
  script.socket.open().say(connected(), degraded(true), subscribed(at(5)));
  expect(script.client.degraded).toBe(true);
  const told = script.news().filter((line) => line.endsWith('degraded'));
  expect(told).toEqual(['degraded', 'not degraded', 'degraded']);
});

test('close ends it', async () => {
  const script = await new ClientScript().begin();
  script.socket.say(degraded(true));
  await script.client.close({ flushMs: 0 });
  expect([script.client.degraded, script.news().slice(0, 2)]).toEqual([false, ['degraded', 'not degraded']]);
});

test.each([
  { name: 'a move while it lasts is not told of it again', next: true, told: ['degraded'] },
  { name: 'a move to a gateway that is well ends it', next: false, told: ['degraded', 'not degraded'] },
])('$name', async ({ next, told }) => {
  const script = await new ClientScript().begin();
  const old = script.socket.say(degraded(true), { type: 'migrate', delayMs: 0, deadlineMs: 30_000, reason: 'drain' });
  await script.pass(0);
  const socket = script.socket.open().say(connected({ gateway: 'g2' }), ...(next ? [degraded(true)] : []));
  expect(script.client.degraded, 'before the new one has taken over').toBe(true);
  socket.say(subscribed(at(5)));
  // What the old one says while it retires is about the old one.
  old.say(degraded(false), degraded(true));
  expect(script.news().filter((line) => line.endsWith('degraded'))).toEqual(told);
  expect(script.client.degraded).toBe(next);
});
