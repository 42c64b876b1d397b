import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KubeError } from '../../../../operator/kube/error.ts';
import type { KubeObject } from '../../../../operator/kube/object.ts';
import { folderSecrets } from '../../../../operator/sources/folder-secrets.ts';
import { kubernetesSecrets } from '../../../../operator/sources/kubernetes-secrets.ts';
import { makeFolder } from '../../../servers/leftovers.ts';

describe('Secrets in a folder', () => {
  const folder = makeFolder('secrets');
  mkdirSync(join(folder, 'login'));
  writeFileSync(join(folder, 'login/password'), ' a b \n');
  const read = folderSecrets(folder);

  it('are files, of which the last line break does not count', async () => {
    expect(await read('login', 'password')).toBe(' a b ');
  });

  it('are read anew each time', async () => {
    writeFileSync(join(folder, 'login/token'), 'one');
    expect(await read('login', 'token')).toBe('one');
    writeFileSync(join(folder, 'login/token'), 'two\r\n');
    expect(await read('login', 'token')).toBe('two');
  });

  it('that are not there are told with their place', async () => {
    await expect(read('login', 'name')).rejects.toThrow(`Secret login: ${folder}/login/name can't be read: ENOENT`);
  });

  it.each([undefined, ''])('without a folder (%s) are told with what is missing', async (none) => {
    await expect(folderSecrets(none)('login', 'name')).rejects.toThrow(
      'Secret login is asked for, and CHATCLUSTER_SECRETS_FOLDER names no folder that has login/name',
    );
  });
});

/** An API server with these Secrets: `null` for none, an error for what can't be read. */
function server() {
  const world = { now: 0, asked: 0, answer: { password: 'one' } as Readonly<Record<string, string>> | null | Error };
  const get = async (_type: unknown, namespace: string | null, name: string) => {
    world.asked += 1;
    expect([namespace, name]).toEqual(['chats', 'login']);
    if (world.answer instanceof Error) throw world.answer;
    if (world.answer === null) return null;
    const data = Object.entries(world.answer).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
    return { metadata: { name }, data: Object.fromEntries(data) } satisfies KubeObject & { readonly data: unknown };
  };
  const read = kubernetesSecrets({ get: get as Parameters<typeof kubernetesSecrets>[0]['get'] }, 'chats', () => world.now);
  return { world, read: () => read('login', 'password') };
}

describe('Secrets of Kubernetes', () => {
  it('are read once in half a minute', async () => {
    const { world, read } = server();
    expect([await read(), await read()]).toEqual(['one', 'one']);
    world.answer = { password: 'two' };
    world.now = 29_999;
    expect([await read(), world.asked]).toEqual(['one', 1]);
    world.now = 30_000;
    expect([await read(), world.asked]).toEqual(['two', 2]);
  });

  it('stay as they were while the API server is away', async () => {
    const { world, read } = server();
    await read();
    world.now = 60_000;
    world.answer = new KubeError('away', { status: 0, kind: 'unavailable' });
    expect(await read()).toBe('one');
  });

  it('are looked for again at once when there was none', async () => {
    const { world, read } = server();
    world.answer = null;
    await expect(read()).rejects.toThrow('there is no Secret login in the namespace chats');
    world.answer = { password: 'new' };
    expect(await read()).toBe('new');
  });

  it('without the key are told with its name', async () => {
    const { world, read } = server();
    world.answer = { other: 'x' };
    await expect(read()).rejects.toThrow('Secret login has no key "password"');
  });

  it('that never could be read are told with why', async () => {
    const { world, read } = server();
    world.answer = new KubeError('forbidden', { status: 403, kind: 'forbidden' });
    await expect(read()).rejects.toThrow('forbidden');
  });
});
