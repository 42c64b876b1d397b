import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Credentials } from '../../../../operator/kube/credentials.ts';
import { loadCredentials, type ServerChoice } from '../../../../operator/kube/load.ts';
import { serviceAccount } from '../../../../operator/kube/service-account.ts';

const ENV = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };
const CA = '-----BEGIN CERTIFICATE-----';

let home: string;
let folder: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'chatcluster-test-'));
  folder = join(home, 'serviceaccount');
  mkdirSync(folder);
  put({ token: 'first\n', 'ca.crt': `${CA}\n`, namespace: 'chat\n' });
});
afterEach(() => rmSync(home, { recursive: true }));

/** `null` takes a file away. */
function put(files: Readonly<Record<string, string | null>>): void {
  for (const [name, text] of Object.entries(files)) {
    if (text === null) rmSync(join(folder, name));
    else writeFileSync(join(folder, name), text);
  }
}

describe('a service account', () => {
  it('says where the API server is, whom it trusts and who we are', async () => {
    const { server, namespace, identity } = serviceAccount(folder, ENV);
    expect([server.href, namespace]).toEqual(['https://10.96.0.1/', 'chat']);
    expect(await identity()).toEqual({ headers: { Authorization: 'Bearer first' }, tls: { ca: CA }, proxy: null });
  });

  it.each([
    ['an IPv6 address', 'fd00:10:96::1', '443', 'https://[fd00:10:96::1]/'],
    ['a name and a port of its own', 'api.internal', '6443', 'https://api.internal:6443/'],
  ])('may be at %s', (_, KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT, want) => {
    expect(serviceAccount(folder, { KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT }).server.href).toBe(want);
  });

  it('has the token and the authority that Kubernetes has rotated to', async () => {
    const { identity } = serviceAccount(folder, ENV);
    await identity();
    put({ token: 'second', 'ca.crt': 'another authority' });
    expect(await identity()).toMatchObject({ headers: { Authorization: 'Bearer second' }, tls: { ca: 'another authority' } });
  });

  it('without a namespace is in "default"', () => {
    put({ namespace: null });
    expect(serviceAccount(folder, ENV).namespace).toBe('default');
  });

  it.each<[string, () => void, RegExp]>([
    ['a token that is missing', () => put({ token: null }), /ENOENT.*serviceaccount\/token/],
    ['a token that is empty', () => put({ token: ' \n' }), /serviceaccount\/token is empty$/],
    ['an authority that is missing', () => put({ 'ca.crt': null }), /ENOENT.*serviceaccount\/ca\.crt/],
  ])('tells of %s by the name of its file', async (_, spoil, message) => {
    const { identity } = serviceAccount(folder, ENV);
    spoil();
    await expect(identity()).rejects.toThrow(message);
  });

  it.each(Object.keys(ENV))('without %s says what is missing', (variable) => {
    expect(() => serviceAccount(folder, { ...ENV, [variable]: undefined })).toThrow(
      `there is a service account in ${folder}, but KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT don't say where the API server is`,
    );
  });
});

describe('credentials of a service account', () => {
  it('are read once for many calls, and anew when their time is over', async () => {
    const credentials = new Credentials(() => serviceAccount(folder, ENV));
    const of = async () => (await credentials.current()).headers.Authorization;
    await of();
    put({ token: 'second' });
    expect(await of()).toBe('Bearer first');
    expect(await later(31_000, of)).toBe('Bearer second');
  });

  it('that the server refused are read anew at once, but not at each refusal', async () => {
    const credentials = new Credentials(() => serviceAccount(folder, ENV));
    const first = await credentials.current();
    put({ token: 'second' });
    await later(6_000, async () => {
      expect(credentials.refresh(first)).toBe(true);
      const second = await credentials.current();
      expect(second.headers.Authorization).toBe('Bearer second');
      expect(credentials.refresh(second)).toBe(false);
    });
  });
});

describe('which credentials are loaded', () => {
  const load = (choice: ServerChoice, env: Readonly<Record<string, string>> = ENV, version = '24.0.0') =>
    loadCredentials({ serviceAccountFolder: folder, ...choice }, { env, home, version }).then(({ server }) => server.host);

  function kubeconfig(host: string, path = 'config'): string {
    const file = join(home, path);
    mkdirSync(join(file, '..'), { recursive: true });
    const clusters = [{ name: 'c', cluster: { server: `https://${host}` } }];
    writeFileSync(file, JSON.stringify({ clusters, contexts: [{ name: 'one', context: { cluster: 'c' } }], 'current-context': 'one' }));
    return file;
  }

  it('those of the Pod, also on the oldest Node that is supported', async () => {
    expect(await load({}, ENV, '20.19.0')).toBe('10.96.0.1');
  });

  it('those of the Pod before ~/.kube/config', async () => {
    kubeconfig('home', '.kube/config');
    expect(await load({})).toBe('10.96.0.1');
  });

  it('those of a kubeconfig that is named', async () => {
    expect(await load({ kubeconfig: kubeconfig('named') })).toBe('named');
  });

  it.each(['20.20.2', '22.18.0'])('those of a kubeconfig not on Node %s, which cannot read it', async (version) => {
    const need = `A kubeconfig needs Node 22.19 or newer; this is ${version}.`;
    await expect(load({ kubeconfig: kubeconfig('named') }, ENV, version)).rejects.toThrow(need);
    await expect(load({}, { KUBECONFIG: kubeconfig('named') }, version)).rejects.toThrow(need);
    await expect(load({ context: 'one' }, ENV, version)).rejects.toThrow(need);
  });

  it('none where there is neither, and it is said where they were looked for', async () => {
    put({ token: null });
    await expect(load({})).rejects.toThrow(
      `there is neither a service account in ${folder} nor a kubeconfig: ${join(home, '.kube', 'config')} does not exist, and KUBECONFIG is not set`,
    );
  });
});

/** Runs as if so much time had gone by, ms. */
async function later<T>(ms: number, run: () => Promise<T>): Promise<T> {
  const at = performance.now.bind(performance);
  performance.now = () => at() + ms;
  try {
    return await run();
  } finally {
    performance.now = at;
  }
}
