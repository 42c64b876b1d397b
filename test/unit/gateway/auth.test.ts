import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAuthentication } from '../../../gateway/auth.ts';
import type { Connect } from '../../../protocol/messages.ts';

const SECRET = 'a secret of thirty-two bytes or more';
const CONNECT: Connect = { type: 'connect', session: 'a-session-of-one-client' };
const HOUR = 3600;
let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chatcluster-auth-'));
  file = join(folder, 'secret');
  await writeFile(file, `${SECRET}\n`);
});
afterAll(() => rm(folder, { recursive: true }));

const sign = (claims: Record<string, unknown>, expiresIn: number, secret = SECRET) =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime(Math.floor(Date.now() / 1000) + expiresIn)
    .sign(Buffer.from(secret));

describe('authentication', () => {
  it('lets everybody in at once when it is off', async () => {
    expect((await openAuthentication(''))(undefined, CONNECT)).toEqual({ kind: 'ok' });
  });

  const cases = [
    { name: 'a good token is let in', token: () => sign({}, HOUR), want: { kind: 'ok' } },
    { name: 'a name in the token is the name', token: () => sign({ name: 'Ada' }, HOUR), want: { kind: 'ok', name: 'Ada' } },
    {
      name: 'an expired token is refused',
      token: () => sign({}, -HOUR),
      want: { kind: 'refused', message: expect.stringMatching(/expired/) },
    },
    {
      name: 'a token signed with another secret is refused',
      token: () => sign({}, HOUR, `${SECRET}!`),
      want: { kind: 'refused', message: expect.stringMatching(/not valid/) },
    },
    {
      name: 'a token without a signature is refused',
      token: () => Promise.resolve(`${btoa('{"alg":"none"}')}.${btoa('{}')}.`.replaceAll('=', '')),
      want: { kind: 'refused', message: expect.stringMatching(/not valid/) },
    },
    {
      name: 'no token is refused',
      token: () => Promise.resolve(undefined),
      want: { kind: 'refused', message: expect.stringMatching(/needed/) },
    },
  ];
  it.each(cases)('$name', async ({ token, want }) => {
    const authenticate = await openAuthentication(file);
    expect(await authenticate(await token(), CONNECT)).toEqual(want);
  });

  it('refuses a secret file that is missing or short, and says what to do', async () => {
    await expect(openAuthentication(join(folder, 'none'))).rejects.toThrow(/CHATCLUSTER_JWT_SECRET_FILE.*ENOENT/);
    const short = join(folder, 'short');
    await writeFile(short, 'hunter2\n');
    await expect(openAuthentication(short)).rejects.toThrow(/has 7 bytes.*openssl rand/);
  });
});
