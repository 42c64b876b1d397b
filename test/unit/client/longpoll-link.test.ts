import { expect, test } from 'vitest';
import type { LinkEnd } from '../../../client/backoff.ts';
import type { FetchInit, FetchResponse } from '../../../client/environment.ts';
import { LongPollLink } from '../../../client/longpoll-link.ts';
import type { ClientMessage, ServerMessage } from '../../../protocol/messages.ts';
import { at, connected, FakeEnvironment, message, published, subscribed } from '../../fakes/client-environment.ts';

interface Request {
  readonly messages: readonly ClientMessage[];
  readonly wait: number;
  readonly aborted: () => boolean;
  answer(messages: readonly ServerMessage[] | string, status?: number, retryAfter?: string): Promise<void>;
  break(): Promise<void>;
}

/** A link whose requests wait for the test's answers. `offset`: the position in its polls, moved by what it hears. */
function script() {
  const env = new FakeEnvironment();
  const requests: Request[] = [];
  const heard: string[] = [];
  const ends: LinkEnd[] = [];
  let offset = 5;
  const fetch = (_url: string, { body, signal }: FetchInit) =>
    new Promise<FetchResponse>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')));
      requests.push({
        ...(JSON.parse(body) as { messages: ClientMessage[]; wait: number }),
        aborted: () => signal.aborted,
        answer: (messages, status = 200, retryAfter) => {
          const text = typeof messages === 'string' ? messages : JSON.stringify(messages);
          resolve({ ok: status < 300, status, headers: { get: () => retryAfter ?? null }, text: async () => text });
          return env.time.advance(0);
        },
        break: () => {
          reject(new TypeError('network error'));
          return env.time.advance(0);
        },
      });
    });
  const listener = {
    ready: true,
    connectText: () => '{"type":"connect","session":"s"}',
    subscribeTexts: () => [JSON.stringify({ type: 'subscribe', channel: 'c', position: at(offset) })],
    opened: () => heard.push('opened'),
    heard: (one: ServerMessage) => {
      heard.push(short(one));
      if (one.type === 'message') offset = one.position.offset;
    },
    ended: (end: LinkEnd) => ends.push(end),
  };
  const link = new LongPollLink(env, fetch, 'http://gateways/v1/poll', listener);
  const last = () => {
    const request = requests.at(-1);
    if (request === undefined) throw new Error('nothing was requested');
    return request;
  };
  return { env, requests, heard, ends, link, listener, last };
}

function short(one: ServerMessage): string {
  if (one.type === 'message') return `message ${one.position.offset}`;
  if (one.type === 'published') return `published ${one.id}`;
  return one.type === 'error' ? `error ${one.code} ${one.id}` : one.type;
}

/** Its first poll was answered, the second one is held. */
async function begun() {
  const it = script();
  it.link.start();
  await it.last().answer([connected(), subscribed(at(5))]);
  it.heard.splice(0);
  return it;
}

test('the first poll comes back at once, the next is held, and each says the positions', async () => {
  const { link, requests, last, heard } = script();
  link.start();
  expect(last()).toMatchObject({ wait: 0, messages: [{ type: 'connect' }, { type: 'subscribe', position: at(5) }] });
  await last().answer([connected(), subscribed(at(5)), message(at(6)), message(at(7))]);
  expect(heard).toEqual(['opened', 'connected', 'subscribed', 'message 6', 'message 7']);
  expect(last()).toMatchObject({ wait: 25_000, messages: [{ type: 'connect' }, { type: 'subscribe', position: at(7) }] });
  expect(requests.length).toBe(2);
});

test('what is said goes beside the poll, one request at a time, in order', async () => {
  const { link, requests, last, heard } = await begun();
  link.send('{"type":"ping"}');
  link.send('{"type":"publish","id":"1"}');
  await Promise.resolve();
  expect(last()).toMatchObject({ wait: 0, messages: [{ type: 'connect' }, { type: 'ping' }, { id: '1' }] });
  link.send('{"type":"publish","id":"2"}');
  expect(requests.length).toBe(3);
  const migrate: ServerMessage = { type: 'migrate', delayMs: 0, deadlineMs: 0, reason: 'drain' };
  await last().answer([connected({ gateway: 'g2' }), migrate, { type: 'pong' }, published('1', at(1))]);
  expect(heard).toEqual(['pong', 'published 1']);
  expect(last()).toMatchObject({ messages: [{ type: 'connect' }, { id: '2' }] });
  expect(requests[1]?.aborted()).toBe(false);
});

test('what is not answered in time is refused for now', async () => {
  const { link, last, heard } = await begun();
  link.send('{"type":"publish","channel":"c","id":"1","data":0}');
  link.send('{"type":"publish","channel":"d","id":"2","data":0}');
  link.send('{"type":"event","channel":"c","name":"typing"}');
  await Promise.resolve();
  await last().answer([connected(), published('2', at(1), 'd')]);
  expect(heard).toEqual(['published 2', 'error unavailable 1']);
});

test('one request carries no more than a gateway takes', async () => {
  const { link, last } = await begun();
  link.adapt(connected({ limits: { messageBytes: 50, channels: 1, messagesPerSecond: 1 } }));
  for (const id of ['1', '2', '3']) link.send(`{"type":"publish","id":"${id}"}`);
  await Promise.resolve();
  expect(last().messages.length).toBe(2);
});

test('when the channels change, the held poll is given up for a new one that comes back at once', async () => {
  const { link, env, requests, last } = await begun();
  link.sendSubscription();
  link.sendSubscription();
  await env.time.advance(0);
  expect({ aborted: requests[1]?.aborted(), requests: requests.length, wait: last().wait }).toEqual({
    aborted: true,
    requests: 3,
    wait: 0,
  });
});

test('migrate is followed by another poll at once', async () => {
  const { last, heard, requests } = await begun();
  await last().answer([connected(), { type: 'migrate', delayMs: 5_000, deadlineMs: 5_000, reason: 'drain' }]);
  expect({ heard, requests: requests.length, wait: last().wait }).toEqual({ heard: ['connected', 'migrate'], requests: 3, wait: 0 });
});

test('a poll that breaks at once is sent again, three times; one that breaks later is a loss', async () => {
  const { env, last, ends, requests } = await begun();
  await last().break();
  expect({ requests: requests.length, ends }).toEqual({ requests: 3, ends: [] });
  await last().answer([connected(), subscribed(at(5)), message(at(6))]);
  for (let i = 0; i < 3; i++) await last().break();
  expect(ends).toEqual([]);
  await last().break();
  expect(ends).toMatchObject([{ code: 1006, opened: true }]);

  const other = await begun();
  await other.env.time.advance(251);
  await other.last().break();
  expect(other.ends).toMatchObject([{ code: 1006 }]);
  expect(env.time.pending + other.env.time.pending).toBe(0);
});

test('what was said beside is said again as well, but for events', async () => {
  const { link, last } = await begun();
  link.send('{"type":"event","channel":"c","name":"typing"}');
  link.send('{"type":"publish","id":"1"}');
  await Promise.resolve();
  await last().break();
  expect(last().messages).toMatchObject([{ type: 'connect' }, { type: 'publish' }]);
});

test('an answer that never comes is a loss', async () => {
  const { env, ends } = await begun();
  await env.time.advance(34_999);
  expect(ends).toEqual([]);
  await env.time.advance(1);
  expect(ends).toMatchObject([{ code: 1006, reason: 'no answer came in time' }]);
});

test.each([
  { status: 400, code: 4400 },
  { status: 401, code: 4401 },
  { status: 413, code: 1009 },
  { status: 429, code: 1013 },
  { status: 503, code: 1013 },
  { status: 500, code: 1011 },
  { status: 404, code: 1011 },
])('status $status ends it like the close code $code', async ({ status, code }) => {
  const { last, ends } = await begun();
  await last().answer('no', status);
  expect(ends).toMatchObject([{ code, retryAfterMs: null }]);
});

test('the error’s hint counts before the header’s, which gets chance for what a second leaves open', async () => {
  const one = await begun();
  await one.last().answer(JSON.stringify([{ type: 'error', retryAfterMs: 1_234 }]), 503, '2');
  expect(one.ends[0]?.retryAfterMs).toBe(1_234);
  const other = await begun();
  await other.last().answer('<html>', 503, '2');
  expect(other.ends[0]?.retryAfterMs).toBe(2_500);
});

test('an answer that is no list is a failure of the gateway', async () => {
  const { last, ends } = await begun();
  await last().answer('<html>');
  expect(ends).toMatchObject([{ code: 1011 }]);
});

test('each answer tells anew whether the gateway is degraded: nothing said of it means no', async () => {
  const { last, heard, link, env } = await begun();
  const degraded = (active: boolean): ServerMessage => ({ type: 'degraded', active });
  await last().answer([connected(), degraded(true)]);
  await env.time.advance(1_000);
  await last().answer([connected(), degraded(true), message(at(6))]);
  const held = last();
  link.send('{"type":"ping"}');
  await Promise.resolve();
  await last().answer([connected(), { type: 'pong' }]);
  expect(heard).toEqual(['connected', 'degraded', 'connected', 'degraded', 'message 6', 'pong']);
  heard.splice(0);
  await held.answer([connected(), message(at(7))]);
  await last().answer([connected(), message(at(8))]);
  expect(heard).toEqual(['connected', 'degraded', 'message 7', 'connected', 'message 8']);
});

test('a gateway that says at once that it is degraded, and nothing else, is not asked without pause', async () => {
  const { last, requests, env } = await begun();
  for (let n = 0; n < 2; n++) await last().answer([connected(), { type: 'degraded', active: true }]);
  await env.time.advance(99);
  expect(requests.length).toBe(3);
  await env.time.advance(1);
  expect(requests.length).toBe(4);
});

test('a gateway that holds nothing is not asked without pause', async () => {
  const { env, requests, last } = await begun();
  const started = env.now();
  for (let i = 0; i < 50; i++) {
    const { length } = requests;
    await last().answer([connected(), subscribed(at(5))]);
    for (let ms = 0; requests.length === length && ms < 10_000; ms += 100) await env.time.advance(100);
  }
  expect(env.now() - started).toBeGreaterThan(200_000);
});

test('while a stream is not live it looks again soon', async () => {
  const { listener, last } = await begun();
  listener.ready = false;
  await last().answer([connected(), message(at(6))]);
  expect(last().wait).toBe(1_000);
});

test('after close nothing is heard and nothing runs', async () => {
  const { env, link, requests, last, heard, ends } = await begun();
  link.send('{"type":"ping"}');
  await Promise.resolve();
  link.close();
  await last().answer([{ type: 'pong' }]);
  await env.time.advance(100_000);
  expect({ heard, ends, timers: env.time.pending, aborted: requests.slice(1).every((one) => one.aborted()) }).toEqual({
    heard: [],
    ends: [],
    timers: 0,
    aborted: true,
  });
});
