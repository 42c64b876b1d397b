import { describe, expect, it } from 'vitest';
import { ownerReference } from '../../../../../operator/fleet/kubernetes/owned.ts';
import type { Pod } from '../../../../../operator/fleet/kubernetes/pod.ts';
import { gatewayPod, podBlueprint } from '../../../../../operator/fleet/kubernetes/pod-template.ts';
import { viewOf } from '../../../../../operator/fleet/kubernetes/pod-view.ts';
import { slimPod } from '../../../../../operator/fleet/kubernetes/slim-pod.ts';
import { cluster } from '../../../../fakes/chat-cluster.ts';
import { pod, sighting } from './build.ts';

const REDIS = { url: 'redis://redis:6379', keyPrefix: 'chat:' };
const OWNER = ownerReference({ namespace: 'shop', name: 'chat', uid: 'uid-of-chat' });

/** As the API server has it, with all that a gateway's Pod is made of. */
function whole(changes: Parameters<typeof pod>[0] = {}): Pod {
  const blueprint = podBlueprint(cluster({ broker: REDIS, gateway: { connectionsPerGateway: 123 } }), 'chatcluster:1');
  const { metadata, status } = pod(changes);
  const made = gatewayPod(blueprint, { name: metadata.name, namespace: 'shop', owner: OWNER });
  return { metadata, spec: { ...made.spec, nodeName: 'node-a' }, ...(status === undefined ? {} : { status }) };
}

describe('a Pod of which only is kept what is read', () => {
  it.each([
    ['runs', whole()],
    ['has no process', whole({ state: { waiting: { reason: 'ImagePullBackOff' } }, ready: false })],
    ['is lost with its node', whole({ status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'Unknown' }] } })],
  ])('tells the same of a gateway that %s', (_, known) => {
    for (const lost of [false, true]) {
      const of = (one: Pod) => viewOf(one, { ...sighting(), status: null, lost }, { now: 0, capacity: 7 });
      expect(of(slimPod(known))).toEqual(of(known));
    }
    expect(viewOf(slimPod(known), { ...sighting(), status: null }, { now: 0, capacity: 7 }).capacity).toBe(123);
  });

  it('is a small part of it', () => {
    const size = (one: Pod) => JSON.stringify(one.spec).length;
    expect(size(slimPod(whole()))).toBeLessThan(size(whole()) / 10);
  });
});
