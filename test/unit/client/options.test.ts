import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type ClientOptions, settings } from '../../../client/options.ts';
import { FakeEnvironment } from '../../fakes/client-environment.ts';

const complete = (options: Partial<ClientOptions>) =>
  settings({ url: 'http://h', environment: new FakeEnvironment(), session: 's', ...options });

test.each([
  { url: 'http://h:8080', want: ['ws://h:8080/v1/websocket', 'http://h:8080/v1/poll'] },
  { url: 'https://h', want: ['wss://h/v1/websocket', 'https://h/v1/poll'] },
  { url: 'ws://h/', want: ['ws://h/v1/websocket', 'http://h/v1/poll'] },
  { url: 'wss://h/chat/', want: ['wss://h/chat/v1/websocket', 'https://h/chat/v1/poll'] },
])('$url', ({ url, want }) => {
  const { webSocketUrl, pollUrl } = complete({ url });
  expect([webSocketUrl, pollUrl].map((whole) => whole.split('?')[0])).toEqual(want);
});

test.each(['', 'h:8080', 'ftp://h', '/v1'])('the address %j is refused with what would do', (url) => {
  expect(() => complete({ url })).toThrow(/The option url is .*: give an address like/);
});

test('the secret session is not in the addresses; the key for balancers is the same for the same session', () => {
  const session = 'a secret of at least 128 bits';
  const urls = [complete({ session }), complete({ session }), complete({ session: 'another' })].map(({ pollUrl }) => pollUrl);
  expect(urls[0]).toBe(urls[1]);
  expect(urls[0]).not.toBe(urls[2]);
  expect(urls.join()).not.toContain('secret');
});

test('without a WebSocket it polls, unless only WebSocket is wanted', () => {
  const environment = { ...new FakeEnvironment(), WebSocket: null, fetch: async () => Promise.reject(new Error('unused')) };
  expect(complete({ environment }).transports).toEqual(['longpoll']);
  expect(() => complete({ environment, transports: ['websocket'] })).toThrow("the class of the package 'ws'");
  expect(() => complete({ environment: { ...environment, fetch: null }, transports: ['longpoll'] })).toThrow('["longpoll"]');
});

test('what is left out has its default', () => {
  expect(complete({ backoff: { maxMs: 1 }, outbox: { maxMessages: 1 } })).toMatchObject({
    backoff: { baseMs: 500, maxMs: 1 },
    outbox: { maxMessages: 1, maxBytes: 1_048_576 },
  });
});

test.each(['client', 'protocol'])('%s runs in browsers: it imports nothing but modules of client and protocol', (folder) => {
  const root = new URL(`../../../${folder}/`, import.meta.url);
  const imports = readdirSync(root).flatMap((file) =>
    [...readFileSync(new URL(file, root), 'utf8').matchAll(/from '([^']+)'/g)].map(([, from]) => from),
  );
  expect(imports.length).toBeGreaterThan(0);
  expect(imports.filter((from) => !/^(\.\/|\.\.\/protocol\/)[\w-]+\.ts$/.test(from ?? ''))).toEqual([]);
});
