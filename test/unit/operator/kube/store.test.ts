import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../../operator/kube/object.ts';
import { Store } from '../../../../operator/kube/store.ts';

const pod = (name: string, version: number, rest: Partial<KubeObject['metadata']> = {}): KubeObject => ({
  metadata: { name, namespace: 'chat', uid: `uid-${name}`, resourceVersion: String(version), labels: { app: 'chat' }, ...rest },
});
const newStore = () => new Store<KubeObject>(({ metadata }) => metadata.labels?.app === 'chat');
const held = (store: Store<KubeObject>) =>
  Object.fromEntries(store.list().map(({ metadata: { name, resourceVersion } }) => [name, Number(resourceVersion)]));

/** A list, as one step: begun and answered. */
function list(store: Store<KubeObject>, items: readonly KubeObject[], version: number) {
  store.listBegins();
  return store.replace(items, String(version));
}

const event = (kind: 'added' | 'changed' | 'removed', object: KubeObject) => ({ kind, object });

const cases: { name: string; steps: (store: Store<KubeObject>) => void; want: Record<string, number> }[] = [
  {
    name: 'an event that is older than our own write does not take it back',
    steps: (store) => {
      list(store, [pod('a', 10)], 10);
      store.observe(pod('a', 13));
      store.apply(event('changed', pod('a', 12)));
    },
    want: { a: 13 },
  },
  {
    name: 'versions are compared as numbers, whatever their length',
    steps: (store) => {
      list(store, [pod('a', 99)], 99);
      store.observe(pod('a', 100));
      store.apply(event('changed', pod('a', 99)));
    },
    want: { a: 100 },
  },
  {
    name: 'what we created is there before the watch tells it, and a list that was under way does not take it away',
    steps: (store) => {
      list(store, [], 10);
      store.listBegins();
      store.observe(pod('new', 12));
      store.replace([], '11');
    },
    want: { new: 12 },
  },
  {
    name: 'what we created and somebody deleted before our answer came stays away',
    steps: (store) => {
      list(store, [], 10);
      store.apply(event('added', pod('new', 12)));
      store.apply(event('removed', pod('new', 14)));
      store.observe(pod('new', 12));
    },
    want: {},
  },
  {
    name: 'what we deleted is gone before the watch tells it, whatever the watch told meanwhile',
    steps: (store) => {
      list(store, [pod('a', 10)], 10);
      store.forget(pod('a', 10));
      store.apply(event('changed', pod('a', 11)));
    },
    want: {},
  },
  {
    name: 'what we deleted is gone also when the watch had not told it at all yet',
    steps: (store) => {
      list(store, [], 10);
      store.forget(pod('a', 12));
      store.apply(event('added', pod('a', 12)));
    },
    want: {},
  },
  {
    name: 'a list that began before our delete does not bring it back',
    steps: (store) => {
      list(store, [pod('a', 10)], 10);
      store.listBegins();
      store.forget(pod('a', 10));
      store.replace([pod('a', 10)], '10');
    },
    want: {},
  },
  {
    name: 'a list that began after our delete knows better',
    steps: (store) => {
      list(store, [pod('a', 10)], 10);
      store.forget(pod('a', 10));
      list(store, [pod('a', 10)], 11);
    },
    want: { a: 10 },
  },
  {
    name: 'one that was forgotten too early is seen going away',
    steps: (store) => {
      list(store, [pod('a', 10)], 10);
      store.forget(pod('a', 10));
      store.apply(event('changed', pod('a', 11, { deletionTimestamp: '2026-01-01T00:00:00Z' })));
    },
    want: { a: 11 },
  },
  {
    name: 'a new one of the same name comes after one that was forgotten',
    steps: (store) => {
      list(store, [pod('a', 10)], 10);
      store.forget(pod('a', 10));
      store.apply(event('added', pod('a', 12, { uid: 'another' })));
    },
    want: { a: 12 },
  },
  {
    name: 'the end of the former one of the same name does not end the new one',
    steps: (store) => {
      list(store, [pod('a', 10)], 10);
      store.observe(pod('a', 12, { uid: 'another' }));
      store.apply(event('removed', pod('a', 11)));
    },
    want: { a: 12 },
  },
  {
    name: 'forgetting a former one of the same name leaves the new one',
    steps: (store) => {
      list(store, [pod('a', 12, { uid: 'another' })], 12);
      store.forget(pod('a', 10));
    },
    want: { a: 12 },
  },
  {
    name: 'a list takes away what was deleted while nobody watched',
    steps: (store) => {
      list(store, [pod('a', 10), pod('b', 11)], 11);
      list(store, [pod('b', 11)], 15);
    },
    want: { b: 11 },
  },
  {
    name: 'our own write that takes it out of the selection takes it out',
    steps: (store) => {
      list(store, [pod('a', 10)], 10);
      store.observe(pod('a', 11, { labels: {} }));
    },
    want: {},
  },
  {
    name: 'what is not selected is not taken in',
    steps: (store) => {
      list(store, [], 10);
      store.observe(pod('a', 11, { labels: {} }));
    },
    want: {},
  },
  {
    // An etcd that was restored from a backup counts again from where it was then.
    name: 'when the history of the server went back, only what it has now counts',
    steps: (store) => {
      list(store, [pod('a', 100), pod('b', 90)], 100);
      list(store, [pod('b', 40)], 50);
    },
    want: { b: 40 },
  },
];

describe('what is known of the API server', () => {
  for (const { name, steps, want } of cases) {
    it(name, () => {
      const store = newStore();
      steps(store);
      expect(held(store)).toEqual(want);
    });
  }

  it('tells a list as the changes that it brings', () => {
    const store = newStore();
    list(store, [pod('a', 10), pod('b', 11), pod('c', 12)], 12);
    const changes = list(store, [pod('a', 10), pod('b', 14), pod('d', 15)], 16);
    expect(changes.map(({ kind, object, before }) => [kind, object.metadata.name, before?.metadata.resourceVersion])).toEqual([
      ['changed', 'b', '11'],
      ['added', 'd', undefined],
      ['removed', 'c', '12'],
    ]);
  });

  it('goes on watching from the last event, bookmark or list', () => {
    const store = newStore();
    list(store, [pod('a', 10)], 12);
    expect(store.version).toBe('12');
    store.apply(event('changed', pod('a', 14)));
    expect(store.version).toBe('14');
    store.apply({ kind: 'bookmark', resourceVersion: '20' });
    expect(store.version).toBe('20');
    store.observe(pod('a', 30));
    expect(store.version).toBe('20');
  });

  it('leaves out who owns which fields, also in what it tells', () => {
    const store = newStore();
    const [change] = store.replace([pod('a', 10, { managedFields: [{ manager: 'kubectl' }] })], '10');
    expect(change?.object.metadata).not.toHaveProperty('managedFields');
    // One object, not two of which each is held by somebody.
    expect(store.get('chat/a')).toBe(change?.object);
  });

  it('keeps and tells only what it is asked to keep', () => {
    const store = new Store<KubeObject & { readonly size?: number }>(
      () => true,
      ({ metadata }) => ({ metadata }),
    );
    const [change] = store.replace([{ ...pod('a', 10), size: 1 }], '10');
    expect([store.get('chat/a'), change?.object]).toEqual([pod('a', 10), pod('a', 10)]);
  });
});
