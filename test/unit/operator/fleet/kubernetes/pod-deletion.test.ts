import { describe, expect, it } from 'vitest';
import type { Pod } from '../../../../../operator/fleet/kubernetes/pod.ts';
import { deletePod, hasChanged } from '../../../../../operator/fleet/kubernetes/pod-deletion.ts';
import type { KubeApi } from '../../../../../operator/kube/api.ts';
import { KubeError } from '../../../../../operator/kube/error.ts';
import { draining, type PodChanges, pod } from './build.ts';

describe('what a deletion was decided on', () => {
  const cases: readonly { name: string; before?: PodChanges; now?: PodChanges; want: boolean }[] = [
    { name: 'is so still', want: false },
    { name: 'is so whatever else changed', now: { version: '8', restartCount: 3 }, want: false },
    // Its readiness probe fails once it is cordoned.
    { name: 'is so when it is Ready no more', now: { ready: false }, want: false },
    { name: 'is not so when it got Ready: clients may have come', before: { ready: false }, now: { ready: true }, want: true },
    { name: 'is not so when it takes connections again', before: { accepting: false }, now: { accepting: true }, want: true },
    { name: 'is not so when its drain was taken back', before: { annotations: draining() }, now: {}, want: true },
    { name: 'is not so when a person asks to drain it', now: { annotations: { 'chatcluster.io/drain': 'requested' } }, want: true },
  ];
  it.each(cases)('$name', ({ before, now, want }) => {
    expect(hasChanged(pod(before), pod(now))).toBe(want);
  });
});

/** An API server whose Pod changes each time before it is to be deleted, as often as there are `versions`. */
function server(...versions: readonly (PodChanges | null)[]) {
  const waiting = [...versions];
  const calls: unknown[] = [];
  const told: string[] = [];
  let present: Pod | null = pod();
  const api = {
    async delete(_type: unknown, _namespace: string, name: string, options: { resourceVersion?: string }) {
      calls.push({ name, ...options });
      const next = waiting.shift();
      if (next !== undefined) present = next === null ? null : pod(next);
      if (next !== undefined) throw new KubeError('changed', { status: 409, kind: 'conflict' });
      return present?.status?.phase === 'Pending' ? null : { ...pod(), metadata: { ...pod().metadata, deletionTimestamp: 'now' } };
    },
    get: async () => present,
  } as unknown as KubeApi;
  const pods = { observe: (seen: Pod) => told.push(`observe ${seen.metadata.resourceVersion}`), forget: () => told.push('forget') };
  return { context: { api, pods }, calls, told };
}

describe('a Pod', () => {
  const remove = ({ context }: ReturnType<typeof server>) => deletePod(context, { pod: pod(), decidedOn: pod(), gracePeriodSeconds: 30 });

  it('is deleted as the one, and as it was, that is meant', async () => {
    const world = server();
    await remove(world);
    expect(world.calls).toEqual([{ name: 'chat-3', uid: 'uid-of-chat-3', resourceVersion: '7', gracePeriodSeconds: 30 }]);
    expect(world.told).toEqual(['observe 7']);
  });

  it('that changed in what doesn’t matter is deleted all the same', async () => {
    const world = server({ version: '8' }, { version: '9', ready: false });
    await remove(world);
    expect(world.calls).toMatchObject([{ resourceVersion: '7' }, { resourceVersion: '8' }, { resourceVersion: '9' }]);
  });

  it('that changed in what the decision rests on is not', async () => {
    const world = server({ version: '8', accepting: false });
    await expect(remove(world)).rejects.toThrow('Pod chat-3 changed after it was decided to delete it');
    expect(world.calls).toHaveLength(1);
  });

  it('that changes all the time is left for the next round', async () => {
    const world = server(...Array.from({ length: 9 }, (_, i) => ({ version: String(8 + i) })));
    await expect(remove(world)).rejects.toThrow('changed');
    expect(world.calls).toHaveLength(5);
  });

  it.each([
    { name: 'gone', found: null },
    { name: 'another by its name', found: { uid: 'another' } },
  ])('that is $name by then is no error', async ({ found }) => {
    const world = server(found);
    await remove(world);
    expect([world.calls.length, world.told]).toEqual([1, ['forget']]);
  });
});
