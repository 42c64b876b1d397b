import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Informer } from '../../../../operator/kube/informer.ts';
import { type KubeObject, RESOURCES } from '../../../../operator/kube/object.ts';
import type { InformerTiming } from '../../../../operator/kube/reflector.ts';
import { until } from '../../../servers/until.ts';
import { FakeApiServer, type Request, refuse } from './fake-api-server.ts';
import { FakeLog } from './fake-log.ts';

let server: FakeApiServer;
let log: FakeLog;
const stopping: { readonly stop: () => Promise<void> }[] = [];

beforeEach(async () => {
  server = await FakeApiServer.start();
  log = new FakeLog();
});

afterEach(async () => {
  for (const { stop } of stopping.splice(0)) await stop();
  await server.stop();
});

const FAST: Partial<InformerTiming> = { backoff: { firstMs: 20, mostMs: 200 } };

/** One that runs until the test's end, and what it told. */
function informer(namespaces: readonly string[] | null = ['chat'], timing: Partial<InformerTiming> = {}) {
  const pods = new Informer<KubeObject>({ api: server.api(), type: RESOURCES.pods, namespaces, log, timing: { ...FAST, ...timing } });
  const told: string[] = [];
  pods.onChange(({ kind, object }) => told.push(`${kind} ${object.metadata.name}`));
  const ending = new AbortController();
  const running = pods.run(ending.signal);
  stopping.push({
    stop: async () => {
      ending.abort();
      await running;
    },
  });
  return { pods, told };
}

const names = (pods: Informer<KubeObject>) =>
  pods
    .list()
    .map(({ metadata }) => metadata.name)
    .sort();
const isList = ({ query, method }: Request) => method === 'GET' && query.get('watch') === null;
const isWatch = ({ query }: Request) => query.get('watch') === 'true';
const eventually = (what: string, holds: () => boolean) => until(what, 5_000, async () => holds() || undefined);
const watching = (times = 1) => eventually(`${times} watches opened`, () => server.count(isWatch) >= times && server.watches() > 0);

describe('an informer', () => {
  it('lists, then follows', async () => {
    server.put('chat', 'a');
    server.put('other', 'z');
    const { pods, told } = informer();
    await pods.synced;
    expect(names(pods)).toEqual(['a']);
    await watching();
    server.put('chat', 'b');
    server.put('chat', 'a', { spec: { nodeName: 'n' } });
    server.remove('chat', 'b');
    await eventually('all is told', () => told.length === 4);
    expect(told).toEqual(['added a', 'added b', 'changed a', 'removed b']);
    expect(pods.get('chat', 'a')).toMatchObject({ apiVersion: 'v1', kind: 'Pod', spec: { nodeName: 'n' } });
  });

  it('at rest asks for nothing but its watch', async () => {
    const { pods } = informer();
    await pods.synced;
    await watching();
    for (let i = 0; i < 5; i += 1) server.put('chat', `pod-${i}`);
    await eventually('all is known', () => pods.list().length === 5);
    expect(server.requests.map((request) => (isWatch(request) ? 'watch' : 'list'))).toEqual(['list', 'watch']);
    expect(server.requests[1]?.query.get('allowWatchBookmarks')).toBe('true');
  });

  it('knows what happened while the server forgot the version it watches from', async () => {
    for (const name of ['a', 'b', 'c']) server.put('chat', name);
    const { pods, told } = informer();
    await pods.synced;
    await watching();
    server.intercept = (request, response) => {
      // While it can't be reached, a is changed, b goes, d comes; then history is cut off.
      if (isWatch(request)) response.destroy();
      return isWatch(request);
    };
    server.breakWatches();
    server.put('chat', 'a', { spec: {} });
    server.remove('chat', 'b');
    server.put('chat', 'd');
    server.forgetHistory();
    server.intercept = () => false;
    await eventually('it caught up', () => names(pods).join() === 'a,c,d');
    expect(told.slice(3).sort()).toEqual(['added d', 'changed a', 'removed b']);
    expect(server.count(isList)).toBe(2);
  });

  const brokenLines: { name: string; text: string; relists: boolean }[] = [
    { name: 'nothing at all', text: '', relists: false },
    { name: 'half a line', text: '{"type":"MODIFIED","object":{"metadata":{"na', relists: false },
    { name: 'a line that is no JSON', text: 'upstream connect error\n', relists: true },
    { name: 'an event of an unknown type', text: '{"type":"WHATEVER","object":{"metadata":{"name":"a"}}}\n', relists: true },
    { name: 'an event without an object', text: '{"type":"ADDED"}\n', relists: true },
    {
      name: 'a failure of the server',
      text: '{"type":"ERROR","object":{"kind":"Status","code":500,"message":"etcdserver: leader changed"}}\n',
      relists: false,
    },
  ];
  for (const { name, text, relists } of brokenLines) {
    it(`misses nothing when its watch breaks off with ${name}${relists ? '' : ', and does not list for it'}`, async () => {
      server.put('chat', 'a');
      const { pods } = informer();
      await pods.synced;
      await watching();
      server.breakWatches(text);
      server.put('chat', 'b');
      server.remove('chat', 'a');
      await eventually('it caught up', () => names(pods).join() === 'b');
      expect(server.count(isList)).toBe(relists ? 2 : 1);
      expect(log.lines.some((line) => line.startsWith('warn: watch pods in chat: '))).toBe(true);
    });
  }

  it('reads an event that comes in pieces, cut within a character', async () => {
    const { pods } = informer();
    await pods.synced;
    await watching();
    const line = Buffer.from(
      `${JSON.stringify({ type: 'ADDED', object: { metadata: { namespace: 'chat', name: 'a', uid: 'u', resourceVersion: '900', annotations: { note: '…' } } } })}\n`,
    );
    const cut = line.indexOf(Buffer.from('…')) + 1;
    server.write(line.subarray(0, cut));
    await new Promise((resolve) => setTimeout(resolve, 20));
    server.write(line.subarray(cut));
    await eventually('it is known', () => pods.get('chat', 'a')?.metadata.annotations?.note === '…');
  });

  it('renews its watch at its time where it stopped', async () => {
    const { pods } = informer(['chat'], { watchMs: 1_000 });
    await pods.synced;
    await watching();
    server.put('chat', 'a');
    const { version } = { version: server.put('chat', 'b').metadata.resourceVersion };
    await watching(2);
    expect(server.requests.filter(isWatch)[1]?.query.get('resourceVersion')).toBe(version);
    expect(server.count(isList)).toBe(1);
    expect(log.lines).toEqual([]);
  });

  it('gives up a watch that is silent beyond its time, and says for how long it has heard nothing', async () => {
    server.endsWatches = false;
    const { pods } = informer(['chat'], { watchMs: 500, graceMs: 100 });
    await pods.synced;
    await watching();
    server.bookmark();
    await eventually('it is quiet', () => pods.staleMs() > 800);
    await watching(2);
    expect(log.lines).toEqual(['warn: watch pods: the API server has not ended it in its time of 1 s']);
    // That the next one opens is heard, though nothing is said on it.
    await eventually('it hears again', () => pods.staleMs() < 300);
  });

  it('lists anew now and then', async () => {
    server.put('chat', 'a');
    const { pods, told } = informer(['chat'], { relistMs: 1_000 });
    await pods.synced;
    await eventually('it listed again', () => server.count(isList) === 2);
    expect(told).toEqual(['added a']);
  });

  it('waits longer each time while watches are ended at once', async () => {
    server.intercept = (request, response) => {
      if (isWatch(request)) response.end();
      return isWatch(request);
    };
    const { pods } = informer(['chat'], { backoff: { firstMs: 50, mostMs: 10_000 } });
    await pods.synced;
    await eventually('four tries', () => server.count(isWatch) === 4);
    const at = server.requests.filter(isWatch).map((request) => request.at);
    const gaps = at.slice(1).map((time, index) => time - (at[index] ?? 0));
    // Jitter takes away half at most.
    expect(gaps[0]).toBeGreaterThanOrEqual(24);
    expect(gaps[1]).toBeGreaterThanOrEqual(49);
    expect(gaps[2]).toBeGreaterThanOrEqual(99);
  });

  it('waits as long as the server asks', async () => {
    let refused = 0;
    server.intercept = (request, response) => {
      if (refused > 0 || !isList(request)) return false;
      refused += 1;
      refuse(response, 429, 'too many requests', { 'retry-after': '1' });
      return true;
    };
    const { pods } = informer();
    await pods.synced;
    const [first, second] = server.requests;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(999);
  });

  it('does not end with a connection that is reset, nor with a refused list', async () => {
    let failures = 0;
    server.intercept = (_, response) => {
      failures += 1;
      if (failures > 4) return false;
      if (failures % 2 === 0) response.destroy();
      else refuse(response, 403, 'pods is forbidden: User "u" cannot list resource "pods" in API group "" in the namespace "chat"');
      return true;
    };
    server.put('chat', 'a');
    const { pods } = informer();
    await pods.synced;
    expect(names(pods)).toEqual(['a']);
    expect(log.lines[0]).toBe('warn: list pods in chat: u has no right to list pods in namespace chat');
  });

  it('reads a long list in pages, and as a whole when the server forgets it half way', async () => {
    for (let i = 0; i < 1_201; i += 1) server.put('chat', `pod-${i}`);
    const first = informer();
    await first.pods.synced;
    expect(first.pods.list()).toHaveLength(1_201);
    expect(server.requests.filter(isList).map(({ query }) => query.get('continue'))).toEqual([null, '500', '1000']);

    server.intercept = ({ query }, response) => {
      if (query.get('continue') !== '1000') return false;
      refuse(response, 410, 'the provided continue parameter is too old');
      return true;
    };
    const second = informer();
    await second.pods.synced;
    expect(second.pods.list()).toHaveLength(1_201);
    expect(server.requests.filter(isList).at(-1)?.query.get('limit')).toBeNull();
  });

  it('watches several namespaces, and is synced when it knows all of them', async () => {
    server.put('one', 'a');
    server.put('two', 'b');
    server.put('three', 'c');
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    server.intercept = (request, response) => {
      if (!isList(request) || !request.path.includes('/two/')) return false;
      server.intercept = () => false;
      void opened.then(() => response.destroy());
      return true;
    };
    const { pods } = informer(['one', 'two']);
    let synced = false;
    void pods.synced.then(() => {
      synced = true;
    });
    await eventually('the first is known', () => pods.list().length === 1);
    expect(synced).toBe(false);
    open();
    await pods.synced;
    expect(names(pods)).toEqual(['a', 'b']);
    expect(pods.list()).toBe(pods.list());
    expect([pods.get('two', 'b')?.metadata.name, pods.get('one', 'b'), pods.get('three', 'c')]).toEqual(['b', undefined, undefined]);
  });

  it('watches all namespaces by one watch', async () => {
    server.put('one', 'a');
    server.put('two', 'a');
    const { pods } = informer(null);
    await pods.synced;
    await watching();
    expect([pods.get('one', 'a')?.metadata.namespace, pods.get('two', 'a')?.metadata.namespace]).toEqual(['one', 'two']);
    expect(server.count(isWatch)).toBe(1);
  });

  it('goes on after a listener that throws, and tells the others', async () => {
    const { pods } = informer();
    pods.onChange(() => {
      throw new Error('no');
    });
    const heard: string[] = [];
    const end = pods.onChange(({ object }) => heard.push(object.metadata.name));
    await pods.synced;
    await watching();
    server.put('chat', 'a');
    server.put('chat', 'b');
    await eventually('both are told', () => heard.length === 2);
    expect(log.lines).toEqual(['error: a listener of changes failed', 'error: a listener of changes failed']);
    end();
    server.put('chat', 'c');
    await eventually('it is known', () => pods.get('chat', 'c') !== undefined);
    expect(heard).toEqual(['a', 'b']);
  });

  it('shows our own write at once, and tells it once', async () => {
    const { pods, told } = informer();
    await pods.synced;
    await watching();
    const api = server.api();
    const created = await api.create<KubeObject>(RESOURCES.pods, 'chat', { metadata: { name: 'a', namespace: 'chat', uid: 'u' } });
    pods.observe(created);
    expect(names(pods)).toEqual(['a']);
    expect(await api.delete(RESOURCES.pods, 'chat', 'a')).toBeNull();
    pods.forget(created);
    expect(names(pods)).toEqual([]);
    server.put('chat', 'last');
    await eventually('all was told', () => told.includes('added last'));
    expect(told).toEqual(['added a', 'removed a', 'added last']);
  });
});
