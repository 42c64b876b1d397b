import { describe, expect, it } from 'vitest';
import { findCluster, findGateway, listed, type Place } from '../../../../cli/kube/find.ts';
import { LABELS } from '../../../../operator/api/names.ts';
import { type KubeObject, RESOURCES } from '../../../../operator/kube/object.ts';
import { clusterResource, pod } from '../../../fakes/kube-resources.ts';

/** A namespace that holds these. */
function place(objects: { readonly clusters?: readonly string[]; readonly pods?: readonly KubeObject[] }): Place {
  const { clusters = [], pods = [] } = objects;
  const all: ReadonlyMap<string, readonly KubeObject[]> = new Map([
    [RESOURCES.chatclusters.plural, clusters.map((name) => clusterResource({}, { name }))],
    [RESOURCES.pods.plural, pods],
  ]);
  return {
    namespace: 'shop',
    api: {
      get: async <T>({ plural }: { plural: string }, namespace: string | null, name: string) =>
        namespace === 'shop' ? ((all.get(plural)?.find(({ metadata }) => metadata.name === name) ?? null) as T | null) : null,
      list: async <T>({ plural }: { plural: string }, _: string | null, options?: { labelSelector?: string | undefined }) => ({
        items: (all.get(plural) ?? []).filter(({ metadata }) => !options?.labelSelector || metadata.labels?.[options.labelSelector]) as T[],
        resourceVersion: '1',
      }),
    },
  };
}

const web: KubeObject = { metadata: { name: 'web-1', namespace: 'shop' } };
const many = Array.from({ length: 12 }, (_, i) => `c${i}`);

describe('findCluster', () => {
  it.each<[string, readonly string[], string | undefined, string]>([
    ['by its name', ['a', 'b'], 'b', 'b'],
    ['by its kind and name', ['a', 'b'], 'chat/b', 'b'],
    ['by its full kind and name', ['a', 'b'], 'chatclusters.chatcluster.io/b', 'b'],
    ['without a name where it is the only one', ['a'], undefined, 'a'],
  ])('finds one %s', async (_, clusters, name, want) => {
    expect((await findCluster(place({ clusters }), name)).metadata.name).toBe(want);
  });

  it.each<[string, readonly string[], string | undefined, RegExp]>([
    ['there is none', [], undefined, /^There is no ChatCluster in namespace shop: name another namespace by -n/],
    ['there are several', ['a', 'b', 'c'], undefined, /^There are 3 ChatClusters in namespace shop: say which, a, b or c\.$/],
    ['there are many', many, undefined, /c9 or 2 more\.$/],
    [
      'there is one of nearly that name',
      ['live', 'support'],
      'suport',
      /^There is no ChatCluster "suport" in namespace shop; did you mean support\?$/,
    ],
    ['there are only others', ['live', 'support'], 'x', /"x" in namespace shop; there are live and support\.$/],
    ['there is only another', ['live'], 'x', /; there is live\.$/],
    ['there is none at all', [], 'x', /^There is no ChatCluster "x" in namespace shop, and no other: name another namespace by -n\.$/],
  ])('says what to do when %s', async (_, clusters, name, message) => {
    await expect(findCluster(place({ clusters }), name)).rejects.toThrow(
      expect.objectContaining({ name: 'Failure', message: expect.stringMatching(message) }),
    );
  });
});

describe('findGateway', () => {
  const pods = [pod('chat-1'), pod('chat-12'), web];

  it.each(['chat-12', 'pod/chat-12', 'pods/chat-12'])('finds %s', async (name) => {
    expect((await findGateway(place({ pods }), name)).metadata.name).toBe('chat-12');
  });

  it.each<[string, string, RegExp]>([
    ['a Pod that is none', 'web-1', /^web-1 in namespace shop is a Pod, but no gateway/],
    ['one of nearly that name', 'chat-2', /^There is no gateway "chat-2" in namespace shop; did you mean chat-1\?$/],
    ['one that is not there, without the Pods that are none', 'support-7', /; there are chat-1 and chat-12\.$/],
  ])('says what to do about %s', async (_, name, message) => {
    await expect(findGateway(place({ pods }), name)).rejects.toThrow(message);
  });

  it('looks at Pods of every ChatCluster of the namespace', async () => {
    const others = [pod('live-1', { cluster: 'live' }), pod('chat-1')];
    expect(others[0]?.metadata.labels?.[LABELS.cluster]).toBe('live');
    await expect(findGateway(place({ pods: others }), 'x')).rejects.toThrow(/there are live-1 and chat-1\.$/);
  });
});

describe('listed', () => {
  const objects = (names: string) => [...names].map((name) => ({ metadata: { name } }));
  it.each([
    ['', ''],
    ['a', 'a'],
    ['ab', 'a and b'],
    ['abc', 'a, b and c'],
    ['abcdefghijkl', 'a, b, c, d, e, f, g, h, i, j and 2 more'],
  ])('"%s" is "%s"', (names, want) => expect(listed(objects(names), 'and')).toBe(want));
});
