import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { KubeApi } from '../../../operator/kube/api.ts';
import { Informer } from '../../../operator/kube/informer.ts';
import { LeaseElector } from '../../../operator/kube/lease-elector.ts';
import type { KubeObject } from '../../../operator/kube/object.ts';
import { silentLog } from '../../fakes/silent-log.ts';
import { ControlPlane } from '../../kube/control-plane.ts';

interface ConfigMap extends KubeObject {
  readonly data: { readonly round: string };
}

const CONFIG_MAPS = { group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap' } as const;
const PATH = '/api/v1/namespaces/default/configmaps';
const DURATION_MS = 3_000;

let plane: ControlPlane;
let api: KubeApi;
const ending: (() => Promise<void>)[] = [];

beforeAll(async () => {
  plane = await ControlPlane.start({ controllerManager: false, scheduler: false });
  api = await KubeApi.load({ kubeconfig: plane.kubeconfig });
}, 120_000);

afterEach(async () => {
  plane.resume('apiserver');
  await plane.start('apiserver');
  for (const end of ending.splice(0)) await end();
});

afterAll(async () => {
  api?.close();
  await plane?.stop();
});

/** Runs it until the test's end, or until the answer is called. */
function running(part: { run(signal: AbortSignal): Promise<void> }): () => Promise<void> {
  const stopping = new AbortController();
  const run = part.run(stopping.signal);
  const end = async () => {
    stopping.abort();
    await run;
  };
  ending.push(end);
  return end;
}

function informer() {
  const labelSelector = 'app=chat';
  const maps = new Informer<ConfigMap>({ api, type: CONFIG_MAPS, namespaces: ['default'], labelSelector, log: silentLog });
  const changes: string[] = [];
  maps.onChange(({ kind, object }) => changes.push(`${kind} ${object.metadata.name} ${object.data.round}`));
  running(maps);
  return { maps, changes };
}

const map = (name: string, round: string) => ({ metadata: { name, labels: { app: 'chat' } }, data: { round } });
const rounds = (maps: Informer<ConfigMap>) => Object.fromEntries(maps.list().map(({ metadata, data }) => [metadata.name, data.round]));
const real = async () => {
  const { items } = await plane.api.get<{ readonly items: readonly ConfigMap[] }>(`${PATH}?labelSelector=app%3Dchat`);
  return Object.fromEntries(items.map(({ metadata, data }) => [metadata.name, data.round]));
};
/** What the informer knows is what there is, and nothing was told twice or out of order. */
async function same(maps: Informer<ConfigMap>): Promise<void> {
  const want = await real();
  await vi.waitFor(() => expect(rounds(maps)).toEqual(want), { timeout: 40_000, interval: 50 });
}

describe('an informer', { timeout: 90_000 }, () => {
  const ends: { name: string; end: () => Promise<void> }[] = [
    { name: 'restarted as in an upgrade', end: () => plane.restartApiServer() },
    {
      name: 'killed',
      end: async () => {
        await plane.kill9('apiserver');
        await plane.start('apiserver');
      },
    },
  ];
  for (const { name, end } of ends) {
    it(`knows all that happened when its API server was ${name}`, async () => {
      const { maps, changes } = informer();
      await maps.synced;
      const prefix = name.slice(0, 3);
      for (let i = 0; i < 20; i += 1) await plane.api.create(PATH, map(`${prefix}-${i}`, '0'));
      await same(maps);
      await end();
      for (let i = 0; i < 20; i += 2) await plane.api.patch(`${PATH}/${prefix}-${i}`, { data: { round: '1' } });
      for (let i = 0; i < 20; i += 5) await plane.api.delete(`${PATH}/${prefix}-${i}`);
      await plane.api.create(PATH, map(`${prefix}-new`, '1'));
      await same(maps);
      expect(maps.staleMs()).toBeLessThan(40_000);
      // Each change is told as one, whether a watch or a list brought it.
      const seen = new Map<string, string>();
      for (const change of changes) {
        const [kind = '', object = '', round = ''] = change.split(' ');
        expect({ change, known: seen.has(object) }).toEqual({ change, known: kind !== 'added' });
        if (kind === 'removed') seen.delete(object);
        else seen.set(object, round);
      }
      expect(Object.fromEntries(seen)).toEqual(await real());
    });
  }

  it('says for how long it has heard nothing while the API server stands still, and goes on afterwards', async () => {
    const { maps } = informer();
    await maps.synced;
    plane.pause('apiserver');
    await vi.waitFor(() => expect(maps.staleMs()).toBeGreaterThan(2_000), { timeout: 10_000, interval: 100 });
    plane.resume('apiserver');
    await plane.api.create(PATH, map('after-the-pause', '0'));
    await same(maps);
    expect(maps.staleMs()).toBeLessThan(2_000);
  });

  it('is never older than our own writes, whoever is quicker', async () => {
    const { maps } = informer();
    await maps.synced;
    const behind: string[] = [];
    for (let i = 0; i < 200; i += 1) {
      const name = `own-${i % 7}`;
      const applied = await api.apply<ConfigMap>(CONFIG_MAPS, 'default', {
        ...map(name, String(i)),
        metadata: { ...map(name, '').metadata, namespace: 'default' },
      });
      maps.observe(applied);
      if (maps.get('default', name)?.data.round !== String(i)) behind.push(`${name}: ${i}`);
      if (i % 5 !== 0) continue;
      expect(await api.delete(CONFIG_MAPS, 'default', name)).toBeNull();
      maps.forget(applied);
      await new Promise((resolve) => setImmediate(resolve));
      if (maps.get('default', name) !== undefined) behind.push(`${name}: still there`);
    }
    expect(behind).toEqual([]);
    await same(maps);
  });
});

describe('a lease', { timeout: 60_000 }, () => {
  function candidate(identity: string, name: string) {
    const elector = new LeaseElector({ api, namespace: 'default', name, identity, durationMs: DURATION_MS, log: silentLog });
    return { elector, stop: running(elector) };
  }
  const held = (elector: LeaseElector, timeout = 10_000) =>
    vi.waitFor(() => expect(elector.fence()).not.toBeNull(), { timeout, interval: 10 });

  it('is handed over when its holder stops, and taken when its holder is gone without a word', async () => {
    const a = candidate('a', 'handover');
    await held(a.elector);
    const b = candidate('b', 'handover');
    await new Promise((resolve) => setTimeout(resolve, DURATION_MS));
    expect([a.elector.fence(), b.elector.fence()]).toEqual([1, null]);
    const stopped = performance.now();
    await a.stop();
    await held(b.elector);
    expect(performance.now() - stopped).toBeLessThan(DURATION_MS);
    expect(b.elector.fence()).toBe(2);
    expect(await plane.kubectl('get', 'lease', 'handover', '-o', 'jsonpath={.spec.holderIdentity} {.spec.leaseTransitions}')).toBe('b 2');
    // Somebody who never renews again.
    await plane.api.patch('/apis/coordination.k8s.io/v1/namespaces/default/leases/handover', {
      spec: { holderIdentity: 'ghost', leaseDurationSeconds: 2, leaseTransitions: 9 },
    });
    await vi.waitFor(() => expect(b.elector.fence()).toBeNull(), { timeout: DURATION_MS, interval: 10 });
    await held(b.elector);
    expect(b.elector.fence()).toBe(10);
  });

  it('is not trusted while the API server stands still, and taken again when it goes on', async () => {
    const a = candidate('a', 'away');
    await held(a.elector);
    plane.pause('apiserver');
    await vi.waitFor(() => expect(a.elector.fence()).toBeNull(), { timeout: DURATION_MS, interval: 10 });
    plane.resume('apiserver');
    await held(a.elector);
    expect(a.elector.fence()).toBe(2);
  });
});
