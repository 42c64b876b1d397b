import { expect, it } from 'vitest';
import { urlOf, whyItCannotListen } from '../../../../cli/up/address.ts';

it.each([
  ['127.0.0.1', 'http://127.0.0.1:80'],
  ['localhost', 'http://localhost:80'],
  ['::1', 'http://[::1]:80'],
  ['0.0.0.0', 'http://127.0.0.1:80'],
  ['::', 'http://[::1]:80'],
])('finds what listens on %s at %s', (host, url) => {
  expect(urlOf(host, 80)).toBe(url);
});

it.each([
  ['EADDRINUSE', 1, /^Port 80 on 127\.0\.0\.1 is taken.* --port\.$/],
  ['EACCES', 1, /^Port 80 needs more rights.* --port\.$/],
  ['EADDRNOTAVAIL', 2, /^--host 127\.0\.0\.1 is no address of this machine/],
  ['ENOTFOUND', 2, /^--host 127\.0\.0\.1 is no address of this machine/],
  ['EIO', 1, /^Can't listen on 127\.0\.0\.1, port 80: disk on fire$/],
])('says what to do about %s', (code, exitCode, line) => {
  const failure = whyItCannotListen(Object.assign(new Error('disk on fire'), { code }), '127.0.0.1', 80);
  expect(failure).toMatchObject({ exitCode, message: expect.stringMatching(line) });
});
