import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KubeApi } from '../../../../operator/kube/api.ts';
import { KubeError } from '../../../../operator/kube/error.ts';
import { type KubeObject, RESOURCES } from '../../../../operator/kube/object.ts';
import { FakeApiServer, refuse } from './fake-api-server.ts';

let server: FakeApiServer;
let folder: string;

beforeEach(async () => {
  server = await FakeApiServer.start();
  folder = mkdtempSync(join(tmpdir(), 'kube-api-'));
});

afterEach(async () => {
  rmSync(folder, { recursive: true });
  await server.stop();
});

const failure = async (call: Promise<unknown>): Promise<KubeError> => {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof KubeError) return error;
  throw new Error(`no KubeError: ${error}`);
};

describe('a call to the API server', () => {
  it('goes to the address of its object, with what it asks for', async () => {
    const api = server.api();
    const pod: KubeObject & { readonly spec: object } = { metadata: { name: 'a', namespace: 'chat' }, spec: {} };
    await api.create(RESOURCES.pods, 'chat', pod);
    await api.get(RESOURCES.leases, 'chat', 'a b');
    await api.list(RESOURCES.pods, null, { labelSelector: 'chatcluster.io/cluster=front' });
    await api.apply(RESOURCES.pods, 'chat', pod, { force: true });
    await api.patch(RESOURCES.pods, 'chat', 'a', { metadata: { name: 'a', labels: { x: 'y' } } });
    await failure(api.patch(RESOURCES.chatclusters, 'chat', 'front', { status: {} }, { subresource: 'status' }));
    await api.delete(RESOURCES.pods, 'chat', 'a', { uid: 'u', resourceVersion: '7', gracePeriodSeconds: 3 });
    expect(server.requests.map(({ method, path, query, headers }) => [method, path, query.toString(), headers['content-type']])).toEqual([
      ['POST', '/api/v1/namespaces/chat/pods', 'fieldManager=chatcluster-operator', 'application/json'],
      ['GET', '/apis/coordination.k8s.io/v1/namespaces/chat/leases/a%20b', '', undefined],
      ['GET', '/api/v1/pods', 'labelSelector=chatcluster.io%2Fcluster%3Dfront&limit=500', undefined],
      ['PATCH', '/api/v1/namespaces/chat/pods/a', 'fieldManager=chatcluster-operator&force=true', 'application/apply-patch+yaml'],
      ['PATCH', '/api/v1/namespaces/chat/pods/a', 'fieldManager=chatcluster-operator', 'application/merge-patch+json'],
      [
        'PATCH',
        '/apis/chatcluster.io/v1alpha1/namespaces/chat/chatclusters/front/status',
        'fieldManager=chatcluster-operator',
        'application/merge-patch+json',
      ],
      ['DELETE', '/api/v1/namespaces/chat/pods/a', '', 'application/json'],
    ]);
    expect(server.requests[0]?.body).toMatchObject({ apiVersion: 'v1', kind: 'Pod' });
    expect(server.requests.at(-1)?.body).toMatchObject({ preconditions: { uid: 'u', resourceVersion: '7' }, gracePeriodSeconds: 3 });
  });

  it('finds no object where there is none, and deletes it without a word', async () => {
    const api = server.api();
    expect(await api.get(RESOURCES.pods, 'chat', 'a')).toBeNull();
    expect(await api.delete(RESOURCES.pods, 'chat', 'a')).toBeNull();
    expect((await failure(api.patch(RESOURCES.pods, 'chat', 'a', {}))).kind).toBe('not-found');
  });

  const deletions: { name: string; metadata: Partial<KubeObject['metadata']>; left: boolean }[] = [
    { name: 'its grace period', metadata: { deletionTimestamp: 't', deletionGracePeriodSeconds: 30 }, left: true },
    { name: 'a finalizer', metadata: { deletionTimestamp: 't', deletionGracePeriodSeconds: 0, finalizers: ['x/y'] }, left: true },
    { name: 'nothing', metadata: { deletionTimestamp: 't', deletionGracePeriodSeconds: 0 }, left: false },
  ];
  for (const { name, metadata, left } of deletions) {
    it(`answers a delete with what is left while it waits for ${name}`, async () => {
      server.put('chat', 'a', { metadata });
      expect((await server.api().delete(RESOURCES.pods, 'chat', 'a')) !== null).toBe(left);
    });
  }

  const unanswered = {
    'is never answered': () => {},
    'is answered half way': (response: ServerResponse) => {
      response.writeHead(200);
      response.write('{"half":');
    },
  };
  for (const [name, begin] of Object.entries(unanswered)) {
    it(`has a time limit when it ${name}`, async () => {
      server.intercept = (_, response) => {
        begin(response);
        return true;
      };
      const error = await failure(server.api().get(RESOURCES.pods, 'chat', 'a', { timeLimitMs: 50 }));
      expect(error.message).toBe(`get Pod chat/a: no answer from the API server 127.0.0.1:${server.port}: its time of 0.05 s is over`);
      expect([error.kind, error.status]).toEqual(['unavailable', 0]);
    });
  }

  it('ends with its signal', async () => {
    server.intercept = () => true;
    const error = await failure(server.api().get(RESOURCES.pods, 'chat', 'a', { signal: AbortSignal.timeout(20) }));
    expect(error.kind).toBe('unavailable');
  });

  it('says so when nobody answers', async () => {
    const api = server.api();
    const { port } = server;
    await server.stop();
    server = await FakeApiServer.start();
    const error = await failure(api.list(RESOURCES.pods, 'chat'));
    expect(error.message).toBe(
      `list pods in chat: no answer from the API server 127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}`,
    );
  });

  it('says so when what answers is no API server', async () => {
    server.intercept = (_, response) => {
      response.end('<html>Welcome</html>');
      return true;
    };
    const error = await failure(server.api().get(RESOURCES.pods, 'chat', 'a'));
    expect(error.message).toBe(`get Pod chat/a: 127.0.0.1:${server.port} answers what is no JSON; is it an API server?`);
  });

  it('uses one connection for calls one after the other', async () => {
    const ports = new Set<number | undefined>();
    server.intercept = (_, response) => {
      ports.add(response.socket?.remotePort);
      return false;
    };
    const api = server.api();
    for (let i = 0; i < 5; i += 1) await api.get(RESOURCES.pods, 'chat', 'a');
    expect(ports.size).toBe(1);
  });

  it('asks again at once when the server closed the kept connection just then, but never repeats a create', async () => {
    const api = server.api();
    await api.get(RESOURCES.pods, 'chat', 'a');
    const once = () => {
      let cut = false;
      server.intercept = (_, response) => {
        if (cut) return false;
        cut = true;
        response.destroy();
        return true;
      };
    };
    once();
    expect(await api.get(RESOURCES.pods, 'chat', 'a')).toBeNull();
    once();
    expect((await failure(api.create(RESOURCES.pods, 'chat', { metadata: { name: 'a' } }))).kind).toBe('unavailable');
    expect(server.count(({ method }) => method === 'POST')).toBe(1);
  });
});

describe('credentials', () => {
  function kubeconfig(user: object, name = 'config'): string {
    const file = join(folder, name);
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'one',
      clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${server.port}`, 'insecure-skip-tls-verify': true } }],
      contexts: [{ name: 'one', context: { cluster: 'c', user: 'u', namespace: 'chat' } }],
      users: [{ name: 'u', user }],
    };
    writeFileSync(file, JSON.stringify(config));
    return file;
  }

  /** A plugin that counts how often it was started and prints the token in a file. */
  function plugin(): { command: string; starts: () => number; setToken: (token: string, expires?: string) => void } {
    const command = join(folder, 'plugin');
    const credential = join(folder, 'credential');
    const starts = join(folder, 'starts');
    writeFileSync(starts, '');
    writeFileSync(command, `#!/bin/sh\necho start >> ${starts}\nsleep 0.05\ncat ${credential}\n`);
    chmodSync(command, 0o755);
    return {
      command,
      starts: () => readFileSync(starts, 'utf8').split('\n').length - 1,
      setToken: (token, expirationTimestamp) =>
        writeFileSync(
          credential,
          JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token, expirationTimestamp } }),
        ),
    };
  }

  it('come from the kubeconfig, with its namespace', async () => {
    const api = await KubeApi.load({ kubeconfig: kubeconfig({ token: 'secret' }) });
    await api.list(RESOURCES.pods, 'chat');
    expect(server.requests[0]?.headers.authorization).toBe('Bearer secret');
    expect([api.namespace, api.server]).toEqual(['chat', `http://127.0.0.1:${server.port}/`]);
    api.close();
  });

  it('of an unknown context are refused with those that there are', async () => {
    const file = kubeconfig({ token: 'secret' });
    await expect(KubeApi.load({ kubeconfig: file, context: 'two' })).rejects.toThrow('the kubeconfig has no context "two"; it has: one');
  });

  it('come from a plugin, which many calls at once start only once', async () => {
    const { command, starts, setToken } = plugin();
    setToken('from-plugin');
    const api = await KubeApi.load({ kubeconfig: kubeconfig({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command } }) });
    await Promise.all(Array.from({ length: 8 }, () => api.list(RESOURCES.pods, 'chat')));
    await api.list(RESOURCES.pods, 'chat');
    expect(new Set(server.requests.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer from-plugin']));
    expect(starts()).toBe(1);
    api.close();
  });

  it('that a plugin does not give are told as such', async () => {
    const api = await KubeApi.load({
      kubeconfig: kubeconfig({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command: join(folder, 'nowhere') } }),
    });
    const error = await failure(api.list(RESOURCES.pods, 'chat'));
    expect([error.kind, error.message]).toEqual([
      'unauthorized',
      `list pods in chat: no credentials: spawn ${join(folder, 'nowhere')} ENOENT`,
    ]);
    api.close();
  });

  it('that the server no longer accepts are read anew, and the call goes on', async () => {
    const file = kubeconfig({ token: 'old' });
    const api = await KubeApi.load({ kubeconfig: file });
    await api.list(RESOURCES.pods, 'chat');
    kubeconfig({ token: 'new' });
    server.intercept = ({ headers }, response) => {
      if (headers.authorization === 'Bearer new') return false;
      refuse(response, 401, 'Unauthorized');
      return true;
    };
    const at = performance.now.bind(performance);
    performance.now = () => at() + 60_000;
    try {
      // Several at once: what one of them finds is good for all.
      const lists = await Promise.all(Array.from({ length: 4 }, () => api.list(RESOURCES.pods, 'chat')));
      expect(lists.map(({ items }) => items.length)).toEqual([0, 0, 0, 0]);
    } finally {
      performance.now = at;
    }
    api.close();
  });
});
